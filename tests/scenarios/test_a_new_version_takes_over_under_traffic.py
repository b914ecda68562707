"""A deploy that changes the schema: migrations run while the version before serves, then the new
one takes over, service by service, and goes again if it has to. Nothing is refused, lost or
doubled."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from launcher.paths import ROOT
from shared.postgres.migrate import migrate
from tests.fixtures import people
from tests.fixtures.earlier import earlier, earlier_version
from tests.fixtures.postgres import migrations_of
from tests.fixtures.rabbitmq import SERVICES
from tests.fixtures.servers import RUN
from tests.fixtures.stack import Stack, present, running_stack, unforeseen
from tests.scenarios.people import User
from tests.scenarios.traffic import Traffic, agree, going_on, has_all, more_told, texts_of

# Calls that may meet a connection as the version before closes it.
MOST_REFUSED = 3
# One replica of each runs; another takes its place before it goes.
REPLICAS = {"GROUPS_REPLICAS": "2", "CHAT_REPLICAS": "2", "REPLICAS": "2"}


@pytest.fixture(scope="module")
async def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await earlier_version(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
async def old_stack(source: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The version before, on its own schema."""
    folder = tmp_path_factory.mktemp("old")
    async with running_stack(
        folder,
        f"{RUN}_old",
        version=earlier(source),
        source=source,
        spares={f"{service}-2" for service in SERVICES},
        **REPLICAS,
    ) as stack:
        yield stack
    assert not (failures := unforeseen(folder)), "\n".join(failures)


async def versions(stack: Stack) -> dict[str, set[str]]:
    """The migrations that each database has had."""
    return {
        service: {row["version"] for row in await tables.fetch("SELECT * FROM schema_migrations")}
        for service, tables in stack.tables.items()
    }


async def test_who_writes_and_who_follows_notice_nothing(
    old_stack: Stack, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = old_stack
    # The version before keeps the contract of its own time, which lacks what is new since.
    monkeypatch.setattr(people, "check_answer", lambda *_: None)
    timeout = aiohttp.ClientTimeout(total=30)
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(stack.url, connector=connector, timeout=timeout) as http,
        AsyncExitStack() as streams,
    ):
        alice, bob, carol, guest = (
            User(http, f"{name.lower()}-{uuid4().hex[:8]}", name)
            for name in ("Alice", "Bob", "Carol", "Guest")
        )
        group = await alice.creates_group(bob, carol)
        traffics = [Traffic(user, group, guest) for user in (alice, bob)]
        followers = [await streams.enter_async_context(each.follow()) for each in (bob, carol)]
        before = await versions(stack)
        async with going_on(*traffics):
            await more_told(followers)
            for service in SERVICES:
                database = stack.databases[service]
                await migrate(database.owner_url, migrations_of(ROOT, service))
            after = await versions(stack)
            assert all(before[service] <= after[service] for service in SERVICES)
            assert before["chat"] < after["chat"]
            assert before["notifier"] < after["notifier"]
            # The version before, on the schema of the next.
            await more_told(followers)
            # Forward, readers of events before their writers; and the way back.
            for service in SERVICES[::-1]:
                await stack.join(f"{service}-2", present)
                await stack.leave(f"{service}-1")
                await more_told(followers)
            # The version before closed its connections at once, and a call could meet that: it is
            # told to try again, and loses nothing.
            assert sum(len(traffic.refused) for traffic in traffics) <= MOST_REFUSED
            for traffic in traffics:
                traffic.refused.clear()
            for service in SERVICES:
                await stack.join(f"{service}-1", earlier(source))
                await stack.leave(f"{service}-2")
                await more_told(followers)
        await stack.settled()
        assert [traffic.refused for traffic in traffics] == [[], []]
        for member, follower in zip((bob, carol), followers, strict=True):
            inbox = await member.whole_inbox()
            await has_all(follower, inbox)
            agree(member, inbox, traffics)
        history = await texts_of(alice, group)
        assert sorted(history) == sorted(content for t in traffics for content in t.contents)
        invited = [each["data"]["groupId"] for each in await guest.whole_inbox()]
        assert len(invited) == len(set(invited))
        assert set(invited) == set(traffics[0].group_ids)

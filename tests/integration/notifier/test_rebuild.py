"""A notifier whose database is gone gets its inboxes back from the log; nobody is told twice."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from services.notifier.streams import store_watch
from shared.events.chat import PersonErasedFromChat
from shared.events.envelope import Event, new_event
from shared.ids import uuid7
from shared.postgres.pool import OwnConnection
from shared.rabbitmq.publisher import Publish, Publisher
from shared.rabbitmq.topology import EVENTS_LOG, declare_topology
from shared.web.app import HEALTH
from tests.builders import (
    a_group,
    a_group_created,
    a_member_removed,
    a_message_deleted,
    a_message_read,
    a_message_sent,
)
from tests.fixtures.postgres import Databases
from tests.fixtures.rabbitmq import Broker, made_broker
from tests.fixtures.servers import RUN
from tests.integration.notifier.conftest import Replica, Send, Start, Stored

_ENTRIES = """
SELECT m.user_id, e.seq, v.id, v.type, v.title, v.message, v.data, v.created_at
FROM mailboxes m JOIN entries e ON e.mailbox_id = m.id JOIN events v ON v.key = e.event_key
ORDER BY m.user_id, e.seq
"""


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    """A broker of the test's own: its log holds nothing of other tests."""
    async with made_broker(f"{RUN}_{uuid4().hex[:6]}") as made:
        yield made


@pytest.fixture
async def publishers(broker: Broker) -> AsyncIterator[dict[str, Publish]]:
    async with AsyncExitStack() as stack:
        yield {
            service: await stack.enter_async_context(
                Publisher(broker.url_of(service), f"{service} in a test").opened()
            )
            for service in ("groups", "chat")
        }


@pytest.fixture
async def wiped(databases: Databases, environment: dict[str, str]) -> AsyncIterator[Any]:
    """Makes the notifier's database as it is after it was dropped and migrated."""

    async def wipe() -> None:
        await databases.of("notifier")

    yield wipe


async def operate(environment: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Run the service's command as an operator does; answers its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.notifier", *arguments),
        env={**os.environ, **{name.upper(): value for name, value in environment.items()}},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def a_history() -> list[Event]:
    """Of one group: created, written to, read, a message deleted, somebody removed."""
    group = a_group()
    sent = [a_message_sent(group, seq, f"text {seq}", to=("bob", "carol")) for seq in range(1, 9)]
    facts = [
        a_group_created(group, invited=("bob", "carol")),
        *sent,
        a_message_read(group),
        a_message_deleted(sent[3], to=("alice", "bob", "carol")),
        a_member_removed(group, "carol", to=("alice", "bob", "carol")),
    ]
    return [new_event(fact) for fact in facts]


async def entries(database: OwnConnection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await database.fetch(_ENTRIES)]


async def test_a_lost_store_comes_back_entry_by_entry(
    environment: dict[str, str],
    start: Start,
    send: Send,
    stored: Stored,
    database: OwnConnection,
    wiped: Any,
) -> None:
    first = await start()
    await send(a_history())
    await send(a_history())
    await stored("bob", 22)
    cursor = (await first.person("bob").poll()).body["cursor"]
    before = await entries(database)
    old_epoch = await database.fetchval("SELECT epoch FROM store")
    await first.stop()
    await wiped()
    # The system goes on meanwhile: these are in the log, and wait in the queue as well.
    meanwhile = [new_event(a_message_sent(content="meanwhile"))]
    await send(meanwhile)

    code, said = await operate(environment, "replay", "--rebuild")
    assert code == 0, said
    assert "25 handled now, 0 skipped" in " ".join(said.split())
    after = await entries(database)
    assert [row for row in after if row[2] != meanwhile[0].id] == before
    assert '"isDeleted":true' in str(before)
    assert await database.fetchval("SELECT count(*) FROM outbox") == 0

    # A second apart: the epoch counts seconds.
    await database.execute("INSERT INTO store (epoch) VALUES ($1)", old_epoch + 1)
    second = await start()
    later = [new_event(a_message_sent(content="later"))]
    await send(later)
    await stored("bob", 24)
    bob = second.person("bob")
    assert [entry["data"]["content"] for entry in (await bob.inbox())[:2]] == [
        "later",
        "meanwhile",
    ]
    # Who has been here before reloads; who has no cursor gets only what is new.
    assert (await bob.poll(cursor)).body["reset"]["reason"] == "unknown_epoch"


async def test_what_a_rebuild_would_lose_is_said_before(
    environment: dict[str, str],
    broker: Broker,
    start: Start,
    send: Send,
    stored: Stored,
    database: OwnConnection,
) -> None:
    await start()
    await send(a_history())
    await stored("bob", 11)
    code, said = await operate(environment, "replay", "--rebuild", "--dry-run")
    assert (code, "The log holds every event" in said) == (0, True), said
    # As after a restore: the log is a new one, and begins at offset 0.
    held = await database.fetchval("SELECT count(DISTINCT id) FROM events")
    async with await aio_pika.connect(broker.admin_url) as connection:
        await (await connection.channel()).queue_delete(EVENTS_LOG)
    await declare_topology(broker.admin_url)
    await send([new_event(a_message_sent(content="later"))])
    await stored("bob", 12)
    code, said = await operate(environment, "replay", "--rebuild", "--dry-run")
    assert (code, f"{held} events that something is stored of" in said) == (3, True), said


async def test_a_rebuild_makes_nobodys_history_new(
    environment: dict[str, str], start: Start, send: Send, stored: Stored, wiped: Any
) -> None:
    await send(a_history())
    await wiped()
    code, said = await operate(environment, "replay", "--rebuild")
    assert code == 0, said
    replica = await start()
    end = int((await replica.person("carol").inbox())[0]["id"])
    await send([new_event(a_message_sent(content="new", to=("carol",)))])
    await stored("carol", end + 1)
    polled = (await replica.person("carol").poll()).body["notifications"]
    assert [entry["data"]["content"] for entry in polled] == ["new"]


async def test_who_came_back_after_an_erasure_keeps_what_is_theirs(
    environment: dict[str, str], send: Send, database: OwnConnection
) -> None:
    group = a_group()
    facts = [
        a_message_sent(group, 1, "a secret", sender="mallory"),
        PersonErasedFromChat(erasure_id=uuid7(), user_id="mallory", erased={}),
        a_message_sent(group, 2, "I am back", sender="mallory"),
        a_message_sent(group, 3, "welcome", to=("mallory",)),
    ]
    first = datetime.now(UTC) - timedelta(days=len(facts))
    await send(
        [
            Event(uuid7(), fact.TYPE, first + timedelta(days=day), fact)
            for day, fact in enumerate(facts)
        ]
    )
    code, said = await operate(environment, "replay", "--rebuild")
    assert code == 0, said
    gone, *since = await entries(database)
    assert gone[0] == "bob" and "mallory" not in str(gone).lower()
    assert [(row[0], row[5]) for row in since] == [("bob", "I am back"), ("mallory", "welcome")]
    assert "Mallory" in str(since[0])


async def test_a_replica_ends_when_its_store_is_replaced_under_it(
    start: Start, database: OwnConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_watch, "CHECK_SECONDS", 0.02)
    replica = await start()
    assert not replica.ended.is_set()
    await database.execute("UPDATE store SET epoch = epoch + 1")
    async with asyncio.timeout(10):
        await replica.ended.wait()
    assert "store" in replica.app[HEALTH].missing


async def test_a_rebuild_refuses_while_a_replica_consumes(
    environment: dict[str, str], notifier: Replica
) -> None:
    code, said = await operate(environment, "replay", "--rebuild")
    assert code == 1
    assert "1 replicas of notifier consume. Stop all of them" in " ".join(said.split())


async def test_a_rebuild_refuses_a_store_that_holds_something(
    environment: dict[str, str], start: Start, send: Send, stored: Stored
) -> None:
    replica = await start()
    await send([new_event(a_message_sent(to=("dave",)))])
    await stored("dave", 1)
    await replica.stop()
    code, said = await operate(environment, "replay", "--rebuild")
    assert code == 1
    assert "holds entries already" in " ".join(said.split())


async def test_a_replay_beside_a_running_replica_tells_only_what_was_missing(
    environment: dict[str, str],
    notifier: Replica,
    send: Send,
    stored: Stored,
    database: OwnConnection,
) -> None:
    group = a_group()
    await send([new_event(a_message_sent(group, 1, to=("erin",)))])
    await stored("erin", 1)
    lost = new_event(a_message_sent(group, 2, "lost", to=("erin",)))
    async with notifier.person("erin").listening() as stream:
        await send([lost])
        await stored("erin", 2)
        await stream.take(2)
        # As if it had been parked.
        await database.execute(
            "WITH gone AS (DELETE FROM events WHERE id = $1 RETURNING key)"
            " DELETE FROM entries e USING gone WHERE e.event_key = gone.key",
            lost.id,
        )
        options = ("replay", "--from", "first", "--group", str(group.id))
        code, said = await operate(environment, *options, "--dry-run")
        assert (code, "Matched 2; nothing was changed" in said) == (0, True), said
        code, said = await operate(environment, *options)
        assert code == 0, said
        assert "Matched 2: 1 handled now, 1 skipped" in " ".join(said.split())
        [told] = await stream.take(1)
        assert (told["id"], told["data"]["content"]) == ("3", "lost")
    code, said = await operate(environment, *options)
    assert "Matched 2: 0 handled now, 2 skipped" in " ".join(said.split())

"""What an operator does to a running system, as the runbook has it: the issuer's keys change, every
replica is restarted, the notifier is rebuilt. Who writes and listens meanwhile loses nothing."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

import aio_pika
import aiohttp
import pytest

from launcher.backup import write_private
from launcher.paths import ROOT, program
from launcher.progress import Progress
from launcher.running import RunningStack
from launcher.supervisor import supervised
from shared.rabbitmq.topology import EVENTS_LOG, declare_topology
from shared.web.key_set import COOL_DOWN_SECONDS
from tests.fixtures.issuer import Issuer, Key, running_issuer
from tests.fixtures.rabbitmq import SERVICES
from tests.fixtures.servers import RUN, server_url
from tests.fixtures.stack import Stack, running_stack, unforeseen
from tests.fixtures.waiting import eventually
from tests.scenarios.people import Json, User
from tests.scenarios.traffic import Traffic, agree, going_on, has_all, more_told

OLD, NEW, NEXT = Key("old"), Key("new"), Key("next")
# One door of each service.
DOORS = ("/v1/groups", "/v1/conversations", "/v1/notifications")


@dataclass(frozen=True)
class Operated:
    """A stack that the launcher's commands find, with what starts again whatever ends."""

    stack: Stack
    folder: Path
    issuer: Issuer

    async def types(self, *arguments: str, code: int = 0) -> str:
        """`circles …`, as its own program, from this stack's checkout; what it says."""
        process = await asyncio.create_subprocess_exec(
            *(program("python"), "-m", "launcher", *arguments),
            cwd=ROOT,
            env={**os.environ, "CIRCLES_STATE": str(self.folder)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == code, said.decode()
        return " ".join(said.decode().split())

    def pids(self) -> Mapping[str, int]:
        return {
            name: json.loads(service.process.pid_file.read_text())["pid"]
            for name, service in self.stack.services.items()
        }


@pytest.fixture(scope="module")
async def operated(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Operated]:
    folder = tmp_path_factory.mktemp("operated")
    async with (
        running_issuer(OLD) as issuer,
        # One of each more than is restarted at a time.
        running_stack(
            folder,
            f"{RUN}_ops",
            TOKEN_JWKS_URL=issuer.url,
            TOKEN_SECRET="",
            GROUPS_REPLICAS="2",
            CHAT_REPLICAS="2",
            DRAIN_SECONDS="0",
        ) as stack,
    ):
        services = list(stack.services.values())
        note = RunningStack(
            port=int(stack.url.rpartition(":")[2]),
            owner_urls={name: stack.databases[name].owner_url for name in SERVICES},
            admin_database_url=server_url("TEST_DATABASE_URL"),
            environments={s.kind: s.process.environment for s in reversed(services)},
            ready_urls={
                kind: [s.ready_url for s in services if s.kind == kind] for kind in SERVICES
            },
            management_url=None,
        )
        write_private(folder / "running.json", json.dumps(asdict(note)))
        async with supervised([s.process for s in services], Progress(quiet=True)):
            yield Operated(stack, folder, issuer)
    assert not (failures := unforeseen(folder)), "\n".join(failures)


@asynccontextmanager
async def people(stack: Stack, key: Key, *names: str) -> AsyncIterator[list[User]]:
    """Their tokens are signed with `key`."""
    timeout = aiohttp.ClientTimeout(total=30)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(stack.url, connector=connector, timeout=timeout) as http:
        users = [User(http, name.lower(), name) for name in names]
        for user in users:
            user.headers = key.bearer(user.id, user.name)
        yield users


async def answers(operated: Operated, key: Key) -> set[int]:
    """What every replica says to somebody with a token of `key`."""
    found = set()
    async with aiohttp.ClientSession() as http:
        for service, door in zip(SERVICES, DOORS, strict=True):
            for name in operated.stack.services:
                if name.startswith(service):
                    url = operated.stack.url_of(name) + door
                    async with http.get(url, headers=key.bearer("alice", "Alice")) as answer:
                        found.add(answer.status)
    return found


def told(inbox: list[Json]) -> list[tuple[object, ...]]:
    return [(each["id"], each["eventId"], each["type"], each["title"]) for each in inbox]


async def test_keys_turn_over_replicas_are_replaced_and_inboxes_made_anew(
    operated: Operated,
) -> None:
    stack, issuer = operated.stack, operated.issuer
    async with people(stack, OLD, "Alice", "Bob", "Guest") as users, AsyncExitStack() as streams:
        alice, bob, guest = users
        group = await alice.creates_group(bob)
        traffic = Traffic(alice, group, guest)
        follower = await streams.enter_async_context(bob.follow())
        async with going_on(traffic):
            await more_told([follower])
            issuer.keys.append(NEW)
            before = operated.pids()
            await operated.types("restart")
            after = operated.pids()
            assert all(before[name] != after[name] for name in before)
            # Who has a token of the old key is served beside who has one of the new.
            assert await answers(operated, OLD) == {HTTPStatus.OK}
            for user in users:
                user.headers = NEW.bearer(user.id, user.name)
            await more_told([follower])
        assert traffic.refused == []
        await stack.settled()
        inbox = await bob.whole_inbox()
        await has_all(follower, inbox)
        agree(bob, inbox, [traffic])

        connections = follower.connections

        async def is_back() -> bool:
            return follower.connections > connections

        # Their token is still good.
        await operated.types("disconnect", bob.id)
        await eventually(is_back)
        await streams.aclose()

        await operated.types("rebuild", "notifier", "--yes")
        assert told(await bob.whole_inbox()) == told(inbox)
        # As after a restore: what is in the inboxes is not in the log.
        async with await aio_pika.connect(stack.broker.admin_url) as connection:
            await (await connection.channel()).queue_delete(EVENTS_LOG)
        await declare_topology(stack.broker.admin_url)
        said = await operated.types("rebuild", "notifier", "--yes", code=1)
        assert "The log lacks events that are in inboxes" in said
        assert told(await bob.whole_inbox()) == told(inbox)

        # Nothing restarts from here on: a token of a key that is not known has the services look.
        issuer.keys[:] = [NEW, NEXT]

        async def is_known() -> bool:
            return await answers(operated, NEXT) == {HTTPStatus.OK}

        await eventually(is_known, COOL_DOWN_SECONDS + 10)
        assert await answers(operated, OLD) == {HTTPStatus.UNAUTHORIZED}
        assert await answers(operated, NEW) == {HTTPStatus.OK}

"""The notifier, in one replica or more, on a database and a virtual host of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.notifier.app import create_app
from services.notifier.keys import STREAMS
from services.notifier.settings import Settings
from shared.events.envelope import Event, encode, new_event
from shared.events.fact import Fact
from shared.postgres.pool import OwnConnection
from shared.rabbitmq.publisher import Outgoing, Publish, Publisher
from shared.web.app import HEALTH
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.services import Environment
from tests.fixtures.waiting import eventually
from tests.integration.notifier.people import Reader

TICKET_SECRET = "test-secret-of-the-ticket-office-0003"


@dataclass
class Replica:
    """A running notifier."""

    client: TestClient[web.Request, web.Application]
    # Set when it would have ended its process.
    ended: asyncio.Event

    @property
    def app(self) -> web.Application:
        return self.client.app

    def person(self, user_id: str) -> Reader:
        return Reader(self.client, user_id, user_id.capitalize())

    @property
    def streams(self) -> int:
        """How many streams and polls it holds."""
        return len(list(self.app[STREAMS].hub))

    async def ready(self) -> None:
        """Wait until nothing is missing."""
        await eventually(lambda: not self.app[HEALTH].missing)

    async def stop(self) -> None:
        """As SIGTERM would: drain, then go."""
        await self.client.server.close()


Start = Callable[..., Awaitable[Replica]]
Told = Callable[..., Awaitable[list[Event]]]


@pytest.fixture
async def environment(service_environment: Environment) -> dict[str, str]:
    return await service_environment("notifier") | {
        "ticket_secret": TICKET_SECRET,
        "drain_seconds": "0.5",
    }


@pytest.fixture
async def start(environment: dict[str, str]) -> AsyncIterator[Start]:
    """Starts a replica; `changed` are settings that differ from the defaults."""
    async with AsyncExitStack() as stack:

        async def started(**changed: object) -> Replica:
            settings = Settings.model_validate(environment | changed)
            ended = asyncio.Event()
            server = TestServer(create_app(settings, ended.set), **changed_server(changed))
            await server.start_server(shutdown_timeout=2.0)
            client = await stack.enter_async_context(TestClient(server))
            replica = Replica(client, ended)
            await replica.ready()
            return replica

        yield started


def changed_server(changed: dict[str, Any]) -> dict[str, Any]:
    """What belongs to the test's server and not to the settings."""
    return {"socket_factory": changed.pop("socket_factory")} if "socket_factory" in changed else {}


@pytest.fixture
async def notifier(start: Start) -> Replica:
    return await start()


@pytest.fixture
def bob(notifier: Replica) -> Reader:
    return notifier.person("bob")


@pytest.fixture
def alice(notifier: Replica) -> Reader:
    return notifier.person("alice")


@pytest.fixture(scope="session")
async def publishers(broker: Broker) -> AsyncIterator[dict[str, Publish]]:
    """What groups and chat publish with, as their own broker users."""
    async with AsyncExitStack() as stack:
        yield {
            service: await stack.enter_async_context(
                Publisher(broker.url_of(service), f"{service} in a test").opened()
            )
            for service in ("groups", "chat")
        }


Send = Callable[[Sequence[Event]], Awaitable[None]]


@pytest.fixture
def send(publishers: dict[str, Publish]) -> Send:
    """Publishes events in order, each as the service whose fact it is."""

    async def sent(events: Sequence[Event]) -> None:
        run: list[Outgoing] = []
        for place, event in enumerate(events):
            run.append(Outgoing(event.id, event.type, encode(event)))
            service = event.type.partition(".")[0]
            last = place + 1 == len(events)
            if last or events[place + 1].type.partition(".")[0] != service:
                assert all(await publishers[service](run))
                run = []

    return sent


@pytest.fixture
def tell(send: Send) -> Told:
    """Publishes facts in order, in new envelopes."""

    async def told(*facts: Fact) -> list[Event]:
        events = [new_event(fact) for fact in facts]
        await send(events)
        return events

    return told


Stored = Callable[[str, int], Awaitable[None]]


@pytest.fixture
async def database(environment: dict[str, str]) -> AsyncIterator[OwnConnection]:
    connection = await asyncpg.connect(environment["database_url"])
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
def stored(database: OwnConnection) -> Stored:
    """Waits until a mailbox has reached a position."""

    async def reached(user_id: str, last_seq: int) -> None:
        async def now() -> bool:
            seq = await database.fetchval(
                "SELECT last_seq FROM mailboxes WHERE user_id = $1", user_id
            )
            assert (seq or 0) <= last_seq, f"{user_id} has {seq} entries instead of {last_seq}"
            return bool(seq == last_seq)

        await eventually(now)

    return reached

"""The parts that all services share, on real servers. Chat's database and broker user stand in for
any service's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from shared.events.chat import MessageSent
from shared.outbox.record import Outbox, record
from shared.outbox.relay import Relay
from shared.postgres.pool import Database, OwnConnection
from shared.rabbitmq.publisher import Publisher
from shared.supervision import Health
from tests.builders import a_message_sent
from tests.fixtures.postgres import Databases, ServiceDatabase
from tests.fixtures.rabbitmq import Broker, Tap
from tests.fixtures.waiting import eventually


@dataclass(frozen=True)
class Process:
    """What one replica of a service has for its outbox."""

    outbox: Outbox
    relay: Relay
    health: Health

    async def commit(self, *seqs: int, content: str = "Hello") -> None:
        """One transaction that records a message for each of `seqs`."""
        async with self.outbox.transaction() as connection:
            await record(connection, *(a_message_sent(seq=seq, content=content) for seq in seqs))


async def unpublished(owner: OwnConnection) -> int:
    return int(await owner.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"))


async def all_published(owner: OwnConnection) -> None:
    async def none_left() -> bool:
        return await unpublished(owner) == 0

    await eventually(none_left)


async def next_seqs(tap: Tap, count: int) -> list[int]:
    facts = [(await tap.next()).fact for _ in range(count)]
    return [fact.message.seq for fact in facts if isinstance(fact, MessageSent)]


@asynccontextmanager
async def relaying(process: Process) -> AsyncIterator[None]:
    async with process.relay.running():
        yield


@pytest.fixture
async def service_database(databases: Databases) -> ServiceDatabase:
    return await databases.of("chat")


@pytest.fixture
async def owner(service_database: ServiceDatabase) -> AsyncIterator[OwnConnection]:
    connection = await service_database.connect()
    try:
        yield connection
    finally:
        await connection.close()


NewProcess = Callable[..., Awaitable[Process]]


@pytest.fixture
async def new_process(
    service_database: ServiceDatabase, broker: Broker
) -> AsyncIterator[NewProcess]:
    """Makes processes; each gets a publisher of its own unless one is given."""
    dsn = service_database.runtime_url
    async with AsyncExitStack() as stack:

        async def made(publisher: Publisher | None = None) -> Process:
            outbox = Outbox(await stack.enter_async_context(Database(dsn, 4).opened()))
            health = Health()
            publisher = publisher or Publisher(broker.url_of("chat"), "relay in a test")
            return Process(outbox, Relay(dsn, outbox, publisher, health), health)

        yield made

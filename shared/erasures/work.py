"""The task that erases: in one replica at a time, batch by batch, until nothing is left."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from shared import metrics
from shared.erasures import book
from shared.erasures.book import Erasure
from shared.erasures.memory import TRUSTED_SECONDS, Memory
from shared.events.fact import Fact
from shared.logs import get_logger
from shared.outbox.record import Outbox, record
from shared.postgres.alone import alone
from shared.postgres.pool import TRANSIENT, Connection, Database, OwnConnection
from shared.retention import Sweep, in_batches
from shared.supervision import Health

log = get_logger(__name__)

# For those noted by other replicas, and for what could not be finished. More often than what is
# looked up is trusted, so that batches of events find it.
LOOK_SECONDS = TRUSTED_SECONDS / 2
AT_ONCE = 100
FACTS = 5000
# Any number will do, as long as every replica of the service uses the same, and nobody else does.
LOCK = 0x0C1C1E7


class NotYet(Exception):
    """What is to be erased still changes: the erasure goes on at the next look."""


@dataclass
class Batch:
    """One transaction of an erasure. What is said to be `erased` is counted in it."""

    connection: Connection
    numbers: dict[str, int] = field(default_factory=dict)

    def erased(self, what: str, number: int) -> None:
        self.numbers[what] = self.numbers.get(what, 0) + number


# Erases a person here, in batches, and yields after each. Safe to repeat from the start.
Steps: TypeAlias = Callable[[Erasure, "Work"], AsyncGenerator[None, None]]
# In the transaction that ends an erasure: what is published about it.
Told: TypeAlias = Callable[[Connection, Erasure, Mapping[str, int]], Awaitable[Fact]]


class Work:
    """One erasure at work."""

    def __init__(self, connection: OwnConnection, outbox: Outbox, erasure: Erasure) -> None:
        self._connection = connection
        self._outbox = outbox
        self._erasure = erasure

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[Batch]:
        """A transaction, which may record facts. Raises DatabaseAway."""
        async with self._connection.transaction():
            batch = Batch(self._connection)
            yield batch
            for what, number in batch.numbers.items():
                if number:
                    await book.count(self._connection, self._erasure.id, what, number)
        self._outbox.committed.set()

    async def outbox_is_clean(self) -> AsyncGenerator[None, None]:
        """Remove what was published of the person. Raises NotYet while something waits to be."""
        mentions = [self._erasure.token.encode()]
        after: int | None = 0
        any_waiting = False
        while after is not None:
            async with self.batch() as batch:
                end = await book.outbox_end(batch.connection, after, FACTS)
                if end is not None:
                    removed, waiting = await book.remove_from_outbox(
                        batch.connection, after, end, mentions
                    )
                    batch.erased("facts", removed)
                    any_waiting |= waiting
            after = end
            yield
        if any_waiting:
            raise NotYet


class Erasing:
    """Works on what is noted to be erased; `asked` is set when something was noted here."""

    PART = "erasing"

    def __init__(
        self,
        dsn: str,
        database: Database,
        outbox: Outbox,
        memory: Memory,
        steps: Steps,
        told: Told,
        health: Health,
    ) -> None:
        """`dsn` is where `database` is: what is at work has a connection of its own."""
        self._dsn = dsn
        self._database = database
        self._outbox = outbox
        self._memory = memory
        self._steps = steps
        self._told = told
        self._health = health
        self.asked = asyncio.Event()

    async def run(self) -> None:
        """Erase for ever. Raises DatabaseAway."""
        while True:
            self.asked.clear()
            await self.work()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self.asked.wait()

    async def work(self) -> bool:
        """Go on with all that is noted; whether all of it is finished. Raises DatabaseAway."""
        async with self._database.connection() as connection:
            _, any_at_work = await self._memory.look(connection)
        # Before the work, which may take long.
        self._health.up(self.PART)
        if not any_at_work:
            return True
        async with alone(self._dsn, LOCK, "circles-erasing") as own:
            return own is not None and await self._work(own)

    async def _work(self, connection: OwnConnection) -> bool:
        all_finished = True
        for erasure in await book.at_work(connection, AT_ONCE):
            try:
                await self._erase(Work(connection, self._outbox, erasure), erasure)
            except NotYet:
                all_finished = False
            except TRANSIENT:
                raise
            except Exception:
                # One that fails must not keep others from being erased.
                log.exception("an erasure failed, and is tried again", erasure_id=str(erasure.id))
                all_finished = False
        return all_finished

    async def _erase(self, work: Work, erasure: Erasure) -> None:
        async with aclosing(self._steps(erasure, work)) as steps:
            async for _ in steps:
                # Others get the disk and the locks.
                await asyncio.sleep(0)
        async with work.batch() as batch:
            erased = await book.finish(batch.connection, erasure.id)
            if erased is not None:
                await record(batch.connection, await self._told(batch.connection, erasure, erased))
        if erased is not None:
            metrics.ERASURES.inc()
            log.info("a person is erased here", erasure_id=str(erasure.id), erased=erased)


def told() -> Sweep:
    """Removes the facts that name the erased, once the broker has them."""

    async def remove(connection: Connection) -> int:
        return await book.remove_told(connection, FACTS)

    return in_batches(FACTS, remove)

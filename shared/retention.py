"""Retention: what is older than what is kept goes, a batch at a time, in one replica at a time.

Every batch is a short transaction of its own, so that no lock on rows is held for long. A replica
sweeps on a connection that holds a session's lock; the others leave it to that one.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import TypeAlias

from shared import metrics
from shared.postgres.alone import alone
from shared.postgres.pool import Connection, OwnConnection
from shared.supervision import Health

# Between two batches: others get the disk and the locks.
BREATHER_SECONDS = 0.01
# Any number will do, as long as every replica of the service uses the same, and nobody else does.
LOCK = 0x0C1C1E6

# A short transaction of the sweep. Raises DatabaseAway.
Transaction: TypeAlias = Callable[[], AbstractAsyncContextManager[Connection]]
# Removes everything that is too old, in as many transactions as it takes.
Sweep: TypeAlias = Callable[[Transaction], AsyncGenerator[int, None]]


class Retention:
    """Runs each of `sweeps` (by what it removes) every `every` seconds, one after the other."""

    PART = "retention"

    def __init__(self, dsn: str, sweeps: Mapping[str, Sweep], every: float, health: Health) -> None:
        self._dsn = dsn
        self._sweeps = sweeps
        self._every = every
        self._health = health

    async def run(self) -> None:
        """Sweep for ever. Raises DatabaseAway."""
        while True:
            await self.sweep()
            await asyncio.sleep(self._every)

    async def sweep(self) -> None:
        """Remove what is too old now, unless another replica is at it. Raises DatabaseAway."""
        async with alone(self._dsn, LOCK, "circles-retention") as connection:
            # Before the work, which may take hours where years are to be removed.
            self._health.up(self.PART)
            if connection is None:
                return
            for what, sweep in self._sweeps.items():
                await self._sweep(connection, what, sweep)

    async def _sweep(self, connection: OwnConnection, what: str, sweep: Sweep) -> None:
        @asynccontextmanager
        async def transaction() -> AsyncIterator[Connection]:
            async with connection.transaction():
                yield connection

        async with aclosing(sweep(transaction)) as batches:
            async for removed in batches:
                metrics.RETENTION_REMOVED.labels(what).inc(removed)
                await asyncio.sleep(BREATHER_SECONDS)
        metrics.RETENTION_FINISHED.labels(what).set_to_current_time()


def in_batches(batch: int, remove: Callable[[Connection], Awaitable[int]]) -> Sweep:
    """A sweep by one statement, again and again until it removes less than `batch` rows."""

    async def sweep(transaction: Transaction) -> AsyncGenerator[int, None]:
        removed = batch
        while removed >= batch:
            async with transaction() as connection:
                removed = await remove(connection)
            yield removed

    return sweep

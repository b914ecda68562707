"""Retention: what is older than what is kept goes, a batch at a time, in one replica at a time.

Every batch is a short transaction of its own that holds an advisory lock until it commits. So no
lock outlives a batch, two replicas never sweep at once, and one that dies leaves nothing behind.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import TypeAlias

from shared import metrics
from shared.postgres.pool import Connection, Database
from shared.supervision import Health

# Between two batches: others get the disk and the locks.
BREATHER_SECONDS = 0.01
# Any number will do, as long as every replica of the service uses the same, and nobody else does.
LOCK = 0x0C1C1E6


class AnotherReplica(Exception):
    """Another replica removes right now: this one leaves it to that."""


# A short transaction that only one replica has at a time. Raises AnotherReplica, DatabaseAway.
Alone: TypeAlias = Callable[[], AbstractAsyncContextManager[Connection]]
# Removes everything that is too old, and gives how many rows each of its transactions removed.
Sweep: TypeAlias = Callable[[Alone], AsyncIterator[int]]


class Retention:
    """Runs each of `sweeps` (by what it removes) every `every` seconds, one after the other."""

    PART = "retention"

    def __init__(
        self, database: Database, sweeps: Mapping[str, Sweep], every: float, health: Health
    ) -> None:
        self._database = database
        self._sweeps = sweeps
        self._every = every
        self._health = health

    async def run(self) -> None:
        """Sweep for ever. Raises DatabaseAway."""
        while True:
            await self.sweep()
            self._health.up(self.PART)
            await asyncio.sleep(self._every)

    async def sweep(self) -> None:
        """Remove what is too old now; less where another replica is at it. Raises DatabaseAway."""
        for what, sweep in self._sweeps.items():
            try:
                async with aclosing(sweep(self._alone)) as batches:  # type: ignore[type-var]
                    async for removed in batches:
                        metrics.RETENTION_REMOVED.labels(what).inc(removed)
                        await asyncio.sleep(BREATHER_SECONDS)
            except AnotherReplica:
                continue
            metrics.RETENTION_FINISHED.labels(what).set_to_current_time()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[Connection]:
        async with self._database.transaction() as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
                raise AnotherReplica
            yield connection


def in_batches(batch: int, remove: Callable[[Connection], Awaitable[int]]) -> Sweep:
    """A sweep by one statement, again and again until it removes less than `batch` rows."""

    async def sweep(alone: Alone) -> AsyncIterator[int]:
        removed = batch
        while removed >= batch:
            async with alone() as connection:
                removed = await remove(connection)
            yield removed

    return sweep

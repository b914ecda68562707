"""The relay: publishes what the outbox holds. One works per service; the others stand by.

The one at work holds a session advisory lock on a connection of its own, so that the lock cannot
leak through a pool. A standby tries for the lock every second, and passes its own commits on to
the one at work with NOTIFY: debounced, empty, and outside any writing transaction.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg

from shared import failpoints, metrics, telemetry
from shared.logs import get_logger
from shared.outbox.record import Outbox
from shared.outbox.spans import record_published
from shared.outbox.watch import OutboxWatch
from shared.pace import Pace
from shared.postgres.pool import COMMAND_SECONDS, SERVER_SETTINGS, OwnConnection
from shared.rabbitmq.publisher import Outgoing, Publish, Publisher
from shared.supervision import Health, running

log = get_logger(__name__)

BATCH = 500
SWEEP_SECONDS = 1.0
# The replay log keeps seven days; what the outbox keeps beyond a day serves nobody.
KEPT = timedelta(days=1)
# What is to be published waits for a batch, so that it must be short, and seldom also where much is
# to be removed: one a second, which keeps up with 86 million facts a day.
PRUNE_BATCH = 1000
PRUNE_EVERY_SECONDS = 60.0
PRUNE_AGAIN_SECONDS = 1.0
NOTIFY_DEBOUNCE_SECONDS = 0.005
# Facts that come one right behind the other are published together.
PACE_SECONDS = 0.01
# How long a stop may wait for a broker or a database that is away: what stays is published later.
SETTLE_SECONDS = 2.0
# The lock lives as long as its session. When a network loses the one at work without a word, the
# server would keep both for hours, and nobody could relay; a session that lives says something each
# second, and while it publishes each few seconds: a slow broker must not cost it the lock.
SILENCE = "15s"
SPEAK_SECONDS = 5.0
# Any number will do, as long as every replica of the service uses the same.
LOCK = 0x0C1C1E5

_UNPUBLISHED = """
SELECT id, event_id, type, subject, body, extract(epoch FROM now() - created_at)::float8 AS age
FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT $1
"""
_MARK = "UPDATE outbox SET published_at = now() WHERE id = ANY($1::bigint[])"
_PRUNE = """
WITH gone AS (
    DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE published_at < now() - $1::interval
        ORDER BY published_at LIMIT $2)
    RETURNING 1
)
SELECT count(*) FROM gone
"""


class Relay:
    """Moves rows from the outbox to the broker, and marks them only after the broker's confirm."""

    PART = "relay"

    def __init__(
        self,
        dsn: str,
        outbox: Outbox,
        publisher: Publisher,
        health: Health,
        kept: timedelta = KEPT,
    ) -> None:
        """What was published longer ago than `kept` is removed."""
        self._dsn = dsn
        self._kept = kept
        self._committed = outbox.committed
        self._watch = OutboxWatch(outbox, health)
        self._publisher = publisher
        self._health = health
        self._settled = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Relay while the block lasts, and what was committed in it."""
        async with (
            running(OutboxWatch.PART, self._watch.run, self._health),
            running(self.PART, self.run, self._health),
        ):
            try:
                yield
            finally:
                await self._settle()

    async def _settle(self) -> None:
        """Return once what was committed so far is published, or left to the one at work."""
        self._settled.clear()
        # As a commit would: only a round that begins after it counts.
        self._committed.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._settled.wait()

    def _round_done(self) -> None:
        if not self._committed.is_set():
            self._settled.set()

    async def run(self) -> None:
        """Stand by for the lock, then relay until a connection fails, which raises."""
        connection = await asyncpg.connect(
            self._dsn,
            timeout=5.0,
            command_timeout=COMMAND_SECONDS,
            server_settings={
                **SERVER_SETTINGS,
                "application_name": "circles-relay",
                "idle_session_timeout": SILENCE,
                # Marks that a crash of the server takes are published again, as after a crash of
                # ours before the mark, and skipped: no round waits for the disk.
                "synchronous_commit": "off",
            },
        )
        try:
            await self._stand_by(connection)
            await connection.add_listener("outbox", lambda *_: self._committed.set())
            async with self._publisher.opened() as publish:
                self._health.up(self.PART)
                await self._relay(connection, publish)
        finally:
            # A graceful close would wait on a server that may be gone.
            connection.terminate()

    async def _stand_by(self, connection: OwnConnection) -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            self._health.up(self.PART)
            if await self._woken():
                await asyncio.sleep(NOTIFY_DEBOUNCE_SECONDS)
                self._committed.clear()
                await connection.execute("NOTIFY outbox")
                self._round_done()

    async def _relay(self, connection: OwnConnection, publish: Publish) -> None:
        loop = asyncio.get_running_loop()
        prune_at = loop.time()
        pace = Pace(PACE_SECONDS)
        while True:
            await pace.next()
            # Cleared before the read: a commit during the read wakes the next round.
            self._committed.clear()
            rows = await connection.fetch(_UNPUBLISHED, BATCH)
            if rows:
                await self._publish(connection, publish, rows)
            if loop.time() >= prune_at:
                pause = await self._prune(connection)
                # From its end: one that was slow must not be followed at once by another.
                prune_at = loop.time() + pause
            if len(rows) < BATCH:
                self._round_done()
                await self._woken()

    async def _publish(
        self, connection: OwnConnection, publish: Publish, rows: Sequence[asyncpg.Record]
    ) -> None:
        await failpoints.reached("relay.claimed")
        began = time.time()
        events = [Outgoing(row["event_id"], row["type"], row["body"]) for row in rows]
        confirmed = await _speaking(connection, publish(events))
        if telemetry.is_on():
            record_published(rows, began, time.time())
        await failpoints.reached("relay.confirmed")
        done = [row["id"] for row, ok in zip(rows, confirmed, strict=True) if ok]
        await connection.execute(_MARK, done)
        await failpoints.reached("relay.marked")
        metrics.OUTBOX_PUBLISHED.inc(len(done))
        if len(done) < len(rows):
            metrics.OUTBOX_FAILED.inc(len(rows) - len(done))
            # Going on would let later facts of the same group overtake the refused one.
            raise ConnectionError(f"{len(rows) - len(done)} of {len(rows)} publishes not confirmed")

    async def _prune(self, connection: OwnConnection) -> float:
        """Remove a batch of what is old; answers in how many seconds to look again."""
        removed: int = await connection.fetchval(_PRUNE, self._kept, PRUNE_BATCH)
        metrics.RETENTION_REMOVED.labels("outbox").inc(removed)
        if removed == PRUNE_BATCH:
            return PRUNE_AGAIN_SECONDS
        metrics.RETENTION_FINISHED.labels("outbox").set_to_current_time()
        return PRUNE_EVERY_SECONDS

    async def _woken(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(SWEEP_SECONDS):
                await self._committed.wait()
        return self._committed.is_set()


async def _speaking(
    connection: OwnConnection, publishing: Coroutine[None, None, list[bool]]
) -> list[bool]:
    """What `publishing` answers; until then the session says something in time. Raises, and
    publishes no more, where the database is not there to hear it: the lock may be another's."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(publishing)
        while not (await asyncio.wait([task], timeout=SPEAK_SECONDS))[0]:
            await connection.execute("SELECT")
    return task.result()

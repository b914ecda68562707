"""One task for all streams: heartbeats, tokens that expire, readers that don't read."""

import asyncio
import random
import time
from collections.abc import Sequence

from services.notifier.domain import Cursor
from services.notifier.storage import mailboxes
from services.notifier.streams import frames
from services.notifier.streams.connection import Connection
from services.notifier.streams.hub import Hub
from shared.logs import get_logger
from shared.postgres.pool import Database, DatabaseAway
from shared.supervision import Health

log = get_logger(__name__)

TICK_SECONDS = 0.5
# The loop serves others in between.
SENDS_BEFORE_YIELD = 250
# Heartbeats come up to this share early, so that those of streams that opened together spread.
JITTER = 1 / 6


class Sweep:
    """Looks after the streams of this replica, every half second.

    `heartbeat` is the longest time between two heartbeats of a stream, in seconds; a connection
    that has shown no life for `stale_after` is closed by the sweep that runs every `stale_every`.
    """

    PART = "sweep"

    def __init__(
        self,
        hub: Hub,
        database: Database,
        epoch: int,
        health: Health,
        *,
        heartbeat: float,
        stale_every: float,
        stale_after: float,
    ) -> None:
        self._hub = hub
        self._database = database
        self._epoch = epoch
        self._health = health
        self._heartbeat = heartbeat
        self._stale_every = stale_every
        self._stale_after = stale_after

    def next_heartbeat(self) -> float:
        """When a stream that has just been written to is due, on the monotonic clock."""
        return time.monotonic() + self._heartbeat * random.uniform(1 - JITTER, 1)  # noqa: S311

    async def run(self) -> None:
        self._health.up(self.PART)
        stale_sweep_at = time.monotonic() + self._stale_every
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            connections = [f for f in self._hub if isinstance(f, Connection)]
            self._end_expired(connections)
            for connection in connections:
                connection.check(now)
            if now >= stale_sweep_at:
                stale_sweep_at = now + self._stale_every
                self._close_stale(connections, now)
            await self._send_heartbeats([c for c in connections if c.heartbeat_at <= now])

    def _end_expired(self, connections: Sequence[Connection]) -> None:
        now = time.time()
        for connection in connections:
            if connection.expires_at <= now and not connection.ended:
                connection.end(frames.token_expired(int(now * 1000)))

    def _close_stale(self, connections: Sequence[Connection], now: float) -> None:
        for connection in connections:
            if now - connection.last_life > self._stale_after:
                log.info("closing stale stream", stream_id=str(connection.id))
                connection.abort()

    async def _send_heartbeats(self, due: Sequence[Connection]) -> None:
        """A heartbeat carries the mailbox's end: it shows the client a gap, and the stream too."""
        if not due:
            return
        try:
            async with self._database.connection() as connection:
                ends = await mailboxes.last_seqs(connection, list({c.user_id for c in due}))
        except DatabaseAway:
            # The link is alive all the same, and the client must see that.
            ends = {}
        for count, stream in enumerate(due, start=1):
            stream.heartbeat_at = self.next_heartbeat()
            newest = max(ends.get(stream.user_id, 0), stream.position)
            stream.hear_of(newest)
            stream.write(frames.heartbeat(int(time.time() * 1000), Cursor(self._epoch, newest)))
            if count % SENDS_BEFORE_YIELD == 0:
                await asyncio.sleep(0)

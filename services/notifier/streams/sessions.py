"""Which streams live where: presence for others to see, and the cap per user over all replicas.

Openings and endings are gathered and written together; a replica's lease covers all its streams,
so that a crash takes them off the books.
"""

import asyncio
import time
from datetime import UTC, datetime
from uuid import UUID

from services.notifier.storage import presence
from services.notifier.streams.follower import Follower
from services.notifier.streams.hub import Hub
from services.notifier.streams.live import TOO_MANY_STREAMS, Live, close_streams
from shared.postgres.pool import Database
from shared.supervision import Health

GATHER_SECONDS = 0.05
LEASE_EVERY_SECONDS = 5.0
# Somebody who polls is online for this long after a poll ended.
POLL_ONLINE_SECONDS = 60.0


class Sessions:
    """The book of this replica's streams."""

    PART = "sessions"

    def __init__(
        self, database: Database, hub: Hub, live: Live, replica: str, cap: int, health: Health
    ) -> None:
        self._database = database
        self._hub = hub
        self._live = live
        self._replica = replica
        self._cap = cap
        self._health = health
        # By user, in the order in which they opened.
        self._held: dict[str, dict[UUID, tuple[Follower, datetime]]] = {}
        self._opened: dict[UUID, tuple[str, datetime]] = {}
        self._ended: dict[UUID, str] = {}
        self._polled: set[str] = set()
        self._changed = asyncio.Event()

    def opened(self, follower: Follower) -> None:
        """A stream opened. Over the cap, the user's oldest stream held here ends at once: refusing
        the new one instead would let dead streams lock their user out."""
        held = self._held.setdefault(follower.user_id, {})
        now = datetime.now(UTC)
        held[follower.id] = (follower, now)
        if len(held) > self._cap:
            oldest, _ = held.pop(next(iter(held)))
            oldest.end(TOO_MANY_STREAMS)
        self._opened[follower.id] = (follower.user_id, now)
        self._changed.set()

    def ended(self, follower: Follower) -> None:
        held = self._held.get(follower.user_id, {})
        held.pop(follower.id, None)
        if not held:
            self._held.pop(follower.user_id, None)
        self._ended[follower.id] = follower.user_id
        self._changed.set()

    def polled(self, user_id: str) -> None:
        """`user_id` polls, or has just polled."""
        self._polled.add(user_id)
        self._changed.set()

    async def run(self) -> None:
        """Write the book for ever. Raises DatabaseAway; what was not written is written later."""
        while True:
            async with self._database.connection() as connection:
                # A lease that had run out was buried with its streams: they go back on the books.
                if await presence.renew_lease(connection, self._replica):
                    self._opened |= {
                        stream_id: (user_id, opened_at)
                        for user_id, held in self._held.items()
                        for stream_id, (_, opened_at) in held.items()
                    }
                    self._changed.set()
                await presence.bury_dead_replicas(connection)
            self._health.up(self.PART)
            await self._write_changes(time.monotonic() + LEASE_EVERY_SECONDS)

    async def _write_changes(self, until: float) -> None:
        """Write what changes, until the lease is to be renewed at the monotonic time `until`. Only
        the wait for a change is cut short then: a write that goes on by itself would meet the next
        one, and fail with nobody there to hear of it."""
        while (left := until - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                return
            # Together with what opens or ends in the next moment: a herd costs a few statements.
            await asyncio.sleep(GATHER_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Write what has changed so far. Raises DatabaseAway and keeps it."""
        self._changed.clear()
        opened, self._opened = self._opened, {}
        ended, self._ended = self._ended, {}
        polled, self._polled = self._polled, set()
        if not (opened or ended or polled):
            return
        try:
            async with self._database.connection() as connection:
                await presence.insert_sessions(
                    connection, self._replica, [(i, *who) for i, who in opened.items()]
                )
                # In this order: when nobody has a stream on the books, all are written down.
                await presence.seen(connection, sorted(set(ended.values())), 0.0)
                await presence.delete_sessions(connection, list(ended))
                await presence.seen(connection, sorted(polled), POLL_ONLINE_SECONDS)
                over = await presence.beyond_cap(
                    connection, [user_id for user_id, _ in opened.values()], self._cap
                )
        except BaseException:
            self._opened = opened | self._opened
            self._ended = ended | self._ended
            self._polled |= polled
            self._changed.set()
            raise
        if over:
            ids = {stream_id for stream_id, _ in over}
            close_streams(self._hub, ids)
            await self._live.close(list(ids))

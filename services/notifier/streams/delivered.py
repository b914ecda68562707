"""What was written to streams: noted in memory, flushed as watermarks."""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

from services.notifier.actions import deliveries
from services.notifier.domain import MessagePosition
from shared.outbox.record import Outbox
from shared.pace import pause_after
from shared.postgres.pool import DatabaseAway
from shared.supervision import Health

# The first note of a quiet time is flushed at once; then what comes meanwhile is flushed together,
# after this pause or, where a flush takes long, after a longer one.
PAUSE_SECONDS = 0.1
SETTLE_SECONDS = 5.0


class Delivered:
    """Collects deliveries and raises the watermarks for all of them together.

    What a crash takes with it was written but not marked: the client's next cursor says it again.
    """

    PART = "delivered"

    def __init__(self, outbox: Outbox, health: Health) -> None:
        self._outbox = outbox
        self._health = health
        self._noted = asyncio.Event()
        self._positions: dict[str, int] = {}
        self._messages: dict[tuple[str, UUID], int] = {}
        self._flushed = asyncio.Event()
        self._flushing: frozenset[str] = frozenset()

    def note(self, user_id: str, seq: int, messages: Sequence[MessagePosition]) -> None:
        """Everything up to `seq` was written to a stream of `user_id`, `messages` among it."""
        if seq > self._positions.get(user_id, 0):
            self._positions[user_id] = seq
        for message in messages:
            key = (user_id, message.group_id)
            if message.seq > self._messages.get(key, 0):
                self._messages[key] = message.seq
        self._noted.set()

    async def settle(self, user_id: str) -> None:
        """Wait until what was noted for `user_id` is stored, so that it isn't given out again.

        Raises DatabaseAway when that takes too long.
        """
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while user_id in self._positions or user_id in self._flushing:
                    self._flushed.clear()
                    await self._flushed.wait()
        except TimeoutError:
            raise DatabaseAway from None

    async def run(self) -> None:
        """Flush for ever. Raises DatabaseAway, and keeps what it could not store."""
        self._health.up(self.PART)
        while True:
            await self._noted.wait()
            began = time.monotonic()
            await self.flush()
            await asyncio.sleep(pause_after(time.monotonic() - began, PAUSE_SECONDS))

    async def flush(self) -> None:
        """Store what has been noted so far."""
        self._noted.clear()
        positions, self._positions = self._positions, {}
        messages, self._messages = self._messages, {}
        if not positions:
            return
        self._flushing = frozenset(positions)
        try:
            await deliveries.raise_watermarks(self._outbox, positions, messages)
        except BaseException:
            for user_id, seq in positions.items():
                self.note(user_id, seq, ())
            for (user_id, group_id), seq in messages.items():
                self.note(user_id, 0, [MessagePosition(group_id, seq)])
            raise
        finally:
            self._flushing = frozenset()
            self._flushed.set()

"""What chat does without being asked: telling senders, watching its lag."""

import asyncio
import time
from contextlib import suppress

from services.chat.actions.announce_receipts import announce_due
from services.chat.inbox.lag import CopyLag
from services.chat.metrics import MEMBERSHIP_LAG
from services.chat.storage import pending_receipts
from shared.outbox.record import Outbox
from shared.pace import pause_after
from shared.postgres.pool import Database
from shared.supervision import Health

# For what a crash left, and what other replicas noted.
SWEEP_SECONDS = 1.0
# Between two rounds, so that under load each tells many groups; longer where rounds take long.
PAUSE_SECONDS = 0.1
LAG_CHECK_SECONDS = 0.5


class Receipts:
    """Tells senders what moved: at once when rung, at the latest after a sweep."""

    PART = "receipts"

    def __init__(
        self, database: Database, outbox: Outbox, moved: asyncio.Event, health: Health
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._moved = moved
        self._health = health

    async def run(self) -> None:
        while True:
            # Cleared before the look: what moves during it rings for the next round.
            self._moved.clear()
            async with self._database.connection() as connection:
                due_in = await pending_receipts.seconds_to_next(connection)
            if due_in is not None and due_in <= 0:
                began = time.monotonic()
                await announce_due(self._outbox)
                await asyncio.sleep(pause_after(time.monotonic() - began, PAUSE_SECONDS))
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(due_in or SWEEP_SECONDS, SWEEP_SECONDS)):
                        await self._moved.wait()
            self._health.up(self.PART)


class Copy:
    """Keeps health informed about chat's copy of the groups."""

    PART = "copy"

    def __init__(self, lag: CopyLag, health: Health) -> None:
        self._lag = lag
        self._health = health

    async def watch(self) -> None:
        """Watch for ever; the gauge is reckoned when somebody looks."""
        MEMBERSHIP_LAG.set_function(lambda: self._lag.seconds(time.monotonic()))
        while True:
            if reason := self._lag.reason(time.monotonic()):
                self._health.down(self.PART, reason)
            else:
                self._health.up(self.PART)
            await asyncio.sleep(LAG_CHECK_SECONDS)

"""Noticing that the store was replaced under a running replica, which then ends itself.

Cursors carry the epoch that the replica read when it started. On another store they would promise
positions that mean something else there; whoever started the replica starts it again, and it learns
the new epoch. Operators stop replicas before they replace the store: this is for when they forget.
"""

import asyncio
import os
import signal
from collections.abc import Callable

from services.notifier.storage import events
from shared.logs import get_logger
from shared.postgres.pool import Database
from shared.supervision import Health

log = get_logger(__name__)

CHECK_SECONDS = 5.0


def end_process() -> None:
    """As a deploy would: streams are told when to come back."""
    os.kill(os.getpid(), signal.SIGTERM)


class StoreWatch:
    """Compares the epoch of the store with that of this replica; calls `end` once when they
    differ."""

    PART = "store"

    def __init__(
        self, database: Database, epoch: int, end: Callable[[], None], health: Health
    ) -> None:
        self._database = database
        self._epoch = epoch
        self._end = end
        self._health = health

    async def run(self) -> None:
        """Watch for ever. Raises DatabaseAway."""
        while True:
            async with self._database.connection() as connection:
                present = await events.present_epoch(connection)
            if present != self._epoch:
                break
            self._health.up(self.PART)
            await asyncio.sleep(CHECK_SECONDS)
        self._health.down(self.PART, "the store was replaced: this replica ends")
        log.error("the store was replaced, ending", epoch=self._epoch, present=present)
        self._end()
        await asyncio.Event().wait()

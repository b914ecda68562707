"""Comparing the counters of some mailboxes with their entries, now and then.

The unread count is read and not counted. This is how an error in that would be noticed, before
people see a badge that doesn't go away.
"""

import asyncio
import random

from services.notifier.metrics import MAILBOXES_CHECKED, UNREAD_DRIFT
from services.notifier.storage import drift
from shared.logs import get_logger
from shared.postgres.pool import Database
from shared.supervision import Health

log = get_logger(__name__)

CHECK_EVERY_SECONDS = 60.0
MAILBOXES = 20
# A mailbox of more is left out: counting it would take longer than it is worth.
MAX_ENTRIES = 10_000


class DriftCheck:
    """Keeps `circles_unread_drift_mailboxes`; each replica checks its own samples."""

    PART = "drift check"

    def __init__(self, database: Database, health: Health) -> None:
        self._database = database
        self._health = health

    async def run(self) -> None:
        """Check for ever. Raises DatabaseAway."""
        while True:
            self._health.up(self.PART)
            # Replicas that started together spread.
            await asyncio.sleep(CHECK_EVERY_SECONDS * random.uniform(0.5, 1.0))  # noqa: S311
            await self.check()

    async def check(self) -> int:
        """Compare one sample; answers how many drift. Raises DatabaseAway."""
        async with self._database.connection() as connection:
            counted = await drift.sample(connection, MAILBOXES, MAX_ENTRIES)
        wrong = [mailbox for mailbox in counted if mailbox.drifts]
        for mailbox in wrong:
            log.error(
                "counters drift",
                mailbox=mailbox.id,
                total=mailbox.total,
                entries=mailbox.entries,
                unread=mailbox.unread,
                unread_entries=mailbox.unread_entries,
            )
        MAILBOXES_CHECKED.inc(len(counted))
        UNREAD_DRIFT.set(len(wrong))
        return len(wrong)

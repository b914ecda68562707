"""How long the oldest fact has been waiting, seen from outside the relay.

The relay can't tell: while the broker is away it stands before its first row, and a relay that
hangs says nothing. So every replica looks for itself, also those that only stand by.
"""

import asyncio
from contextlib import suppress

from shared import metrics
from shared.outbox.record import Outbox
from shared.postgres.pool import DatabaseAway
from shared.supervision import Health

LOOK_EVERY_SECONDS = 2.0
# What was seen is said until the next look; a look that fails to come lets it grow.
HOLDS_SECONDS = 3.0


class OutboxWatch:
    """Keeps `circles_outbox_oldest_seconds`."""

    PART = "outbox watch"

    def __init__(self, outbox: Outbox, health: Health) -> None:
        self._outbox = outbox
        self._health = health

    async def run(self) -> None:
        """Watch for ever. While the database is away, what waited when it was last seen waits on,
        and its age grows; nobody else is kept from anything."""
        self._health.up(self.PART)
        while True:
            with suppress(DatabaseAway):
                age = await self._outbox.oldest_age()
                if age is None:
                    metrics.OUTBOX_OLDEST.end()
                else:
                    metrics.OUTBOX_OLDEST.begin(age, HOLDS_SECONDS)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

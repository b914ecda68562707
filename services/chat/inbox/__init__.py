"""What chat does with the facts of others."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from services.chat.actions.advance_delivered import advance_delivered
from services.chat.actions.copy_groups import GroupsEvent, apply_facts
from services.chat.actions.erasing import hear
from services.chat.inbox.lag import CopyLag
from services.chat.metrics import MEMBERSHIP_APPLIED
from shared.erasures.facts import without_erased
from shared.erasures.memory import Memory
from shared.events.envelope import Event
from shared.events.fact import Erasure
from shared.events.notifier import NotificationDelivered
from shared.outbox.record import Outbox
from shared.postgres.pool import Database

# Groups locked by one transaction: posts to them wait until it ends.
FACTS = 50


class Inbox:
    """Handles batches of events in order: groups' facts go into the copy, what was delivered into
    the watermarks. Whatever comes twice changes nothing."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        moved: asyncio.Event,
        lag: CopyLag,
        memory: Memory,
        asked: asyncio.Event,
    ) -> None:
        """`moved` is rung when senders are to be told, `asked` when somebody is to be erased."""
        self._database = database
        self._outbox = outbox
        self._moved = moved
        self._lag = lag
        self._memory = memory
        self._asked = asked

    async def handle(self, events: Sequence[Event]) -> None:
        """Commits; raises DatabaseAway when it can't."""
        await self.apply(events)

    async def apply(self, events: Sequence[Event]) -> int:
        """As `handle`; answers how many facts of groups were new, and whether positions moved
        counts as one more."""
        new = 0
        with self._lag.handling(events[0].time):
            events = await without_erased(self._database, self._memory, events)
            copied = [found for event in events if (found := GroupsEvent.of(event))]
            for start in range(0, len(copied), FACTS):
                async with self._outbox.transaction() as connection:
                    new += await apply_facts(connection, copied[start : start + FACTS])
            for fact in copied:
                age = (datetime.now(UTC) - fact.time).total_seconds()
                MEMBERSHIP_APPLIED.observe(max(0.0, age))
            # After the members: who was added in this batch may have received in it.
            deliveries = [
                delivery
                for event in events
                if isinstance(event.fact, NotificationDelivered)
                for delivery in event.fact.deliveries
            ]
            # After the facts before it, by which the person has left.
            for event in events:
                if isinstance(event.fact, Erasure) and await self._hear(event):
                    new += 1
            if deliveries:
                new += await advance_delivered(self._database, self._moved, deliveries)
        return new

    async def _hear(self, event: Event) -> bool:
        begun = await hear(self._outbox, self._memory, event)
        self._asked.set()
        return begun

"""What is let in: nothing to tell that is older than what is kept, and nobody who was erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.notifier.actions.erasing import hear
from shared.erasures.facts import without_erased
from shared.erasures.memory import Memory
from shared.events.chat import PersonErasedFromChat
from shared.events.envelope import Event
from shared.events.fact import Erasure
from shared.outbox.record import Outbox
from shared.postgres.pool import Database


@dataclass(frozen=True)
class Screening:
    """Looks at events before they are stored; notifications are `kept` so long."""

    database: Database
    outbox: Outbox
    kept: timedelta
    memory: Memory

    async def screened(self, events: Sequence[Event]) -> Sequence[Event]:
        """The events without those that happened longer ago than notifications are kept: they may
        have been stored and removed before, and would be told a second time. The others without
        people who were erased since. Erasures stay, however old: nobody who was to be forgotten
        is held for ever because this service was away. Raises DatabaseAway."""
        oldest = datetime.now(UTC) - self.kept
        recent = [e for e in events if e.time >= oldest or isinstance(e.fact, Erasure)]
        return await without_erased(self.database, self.memory, recent) if recent else recent

    async def note_erasures(self, events: Sequence[Event]) -> list[str]:
        """Note whom chat has erased; answers who. Raises DatabaseAway."""
        erased = []
        for event in events:
            if isinstance(event.fact, PersonErasedFromChat):
                await hear(self.outbox, self.memory, event.fact, event.time)
                erased.append(event.fact.user_id)
        return erased

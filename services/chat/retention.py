"""What chat removes for its age: ids of events that can't come again, and, where that is switched
on, messages."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.chat.storage import handled_events, old_messages
from shared.logs import get_logger
from shared.postgres.pool import Connection
from shared.rabbitmq.replay import LogUnreadable, opened_log
from shared.retention import Sweep, Transaction

log = get_logger(__name__)

BATCH = 5000
# One day more than the log keeps.
HANDLED_KEPT = timedelta(days=8)
# The broker drops whole segments of the log, and only when it begins a new one: where little
# happens, the log reaches back much further than the week that it promises.
CLOCK_MARGIN = timedelta(days=1)
LOOK_AGAIN_SECONDS = 3600.0
# Groups whose first message is looked at by one statement, and messages in one transaction.
GROUPS = 1000
MESSAGES = 1000


class HandledEvents:
    """Forgets the ids of events that neither the queue nor the log can bring again: a fact whose id
    was forgotten would leave its system message a second time."""

    def __init__(self, amqp_url: str) -> None:
        self._amqp_url = amqp_url
        self._log_begins: datetime | None = None
        self._look_at = 0.0

    async def sweep(self, transaction: Transaction) -> AsyncGenerator[int, None]:
        async with transaction() as connection:
            before = datetime.now(UTC) - HANDLED_KEPT
            if not await handled_events.any_before(connection, before):
                return
        begins = await self._beginning_of_log()
        if begins is None:
            return
        before = min(before, begins - CLOCK_MARGIN)
        removed = BATCH
        while removed >= BATCH:
            async with transaction() as connection:
                removed = await handled_events.prune(connection, before, BATCH)
            yield removed

    async def _beginning_of_log(self) -> datetime | None:
        """When the first event of the log happened, at the latest: it only moves on. None while
        the broker is away."""
        now = asyncio.get_running_loop().time()
        if self._log_begins is None or now >= self._look_at:
            try:
                async with opened_log(self._amqp_url, "chat retention") as events:
                    # What an empty log had, nobody can replay.
                    self._log_begins = await events.begins_at() or datetime.now(UTC)
            except LogUnreadable as error:
                log.warning("handled events are kept", reason=str(error))
                return None
            self._look_at = now + LOOK_AGAIN_SECONDS
        return self._log_begins


def messages(kept: timedelta) -> Sweep:
    """Removes messages sent longer ago than `kept`, of each group from its first on: the history
    then begins later, and has no holes."""

    async def sweep(transaction: Transaction) -> AsyncGenerator[int, None]:
        place: UUID | None = UUID(int=0)
        while place is not None:
            before = datetime.now(UTC) - kept
            async with transaction() as connection:
                place, removed = await _next_groups(connection, place, before)
            yield removed

    return sweep


async def _next_groups(
    connection: Connection, after: UUID, before: datetime
) -> tuple[UUID | None, int]:
    """Remove a batch from the groups that follow `after`; answers where to go on, None at the
    end."""
    last, due = await old_messages.due(connection, after, before, GROUPS)
    if due is None:
        return last, 0
    removed = await old_messages.remove(connection, due, before, MESSAGES)
    # What a full batch left of this group is the next one's.
    return (after if removed >= MESSAGES else due), removed

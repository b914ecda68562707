"""Notifications go when they were kept long enough: first the entries of every mailbox, from its
oldest on, then the events behind them.

A cursor below what was removed leads to `reset` (the mailbox's floor), and so does one that finds
something removed on its way. An event that comes when it is older than what is kept is not stored:
its id may have been forgotten, and it would be told a second time.
"""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

from services.notifier.storage import old_entries
from shared.postgres.pool import Connection
from shared.retention import Transaction

EVENTS = 5000
MAILBOXES_WALKED = 2000
# Mailboxes locked by one transaction, and entries removed from each of them.
MAILBOXES = 50
ENTRIES = 100
# Events that were stored side by side may stand in a mailbox in another order than that of their
# keys. So long after its entry an event is still there, whatever the order.
APART = timedelta(days=1)


class Notifications:
    """Removes entries stored longer ago than `kept`, and their events a day later. Goes by full
    hours: to look at every mailbox each minute would cost more than it frees."""

    def __init__(self, kept: timedelta) -> None:
        self._kept = kept
        self._finished: datetime | None = None

    async def sweep(self, transaction: Transaction) -> AsyncGenerator[int, None]:
        """Answers entries and events together."""
        before = (datetime.now(UTC) - self._kept).replace(minute=0, second=0, microsecond=0)
        if before == self._finished:
            return
        entries_up_to = await _old_up_to(transaction, before)
        after, is_end = "", not entries_up_to
        while not is_end:
            async with transaction() as connection:
                after, is_end, removed = await _next_mailboxes(connection, after, entries_up_to)
            yield removed
        events_up_to = await _old_up_to(transaction, before - APART)
        removed = EVENTS if events_up_to else 0
        while removed >= EVENTS:
            async with transaction() as connection:
                removed = await old_entries.remove_events(connection, events_up_to, EVENTS)
            yield removed
        self._finished = before


async def _old_up_to(transaction: Transaction, before: datetime) -> int:
    """The key up to which all events were stored before a moment; 0 when there are none."""
    key, may_be_more = 0, True
    while may_be_more:
        async with transaction() as connection:
            key, may_be_more = await old_entries.old_up_to(connection, key, before, EVENTS)
    return key


async def _next_mailboxes(connection: Connection, after: str, key: int) -> tuple[str, bool, int]:
    """Remove a batch from the mailboxes that follow `after`; answers where to go on, whether that
    is the end, and how many entries went."""
    walked = await old_entries.lock_due(connection, after, key, MAILBOXES_WALKED, MAILBOXES)
    if not walked.due:
        return walked.last, walked.is_end, 0
    removed, may_be_more = await old_entries.remove(
        connection, [mailbox_id for mailbox_id, _ in walked.due], key, ENTRIES
    )
    if may_be_more:
        return after, False, removed
    if len(walked.due) == MAILBOXES:
        return walked.due[-1][1], False, removed
    return walked.last, walked.is_end, removed

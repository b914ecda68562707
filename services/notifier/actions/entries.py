"""Storing a batch of notices as entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.notifier.domain import Notice
from services.notifier.storage import entries, events
from services.notifier.storage.entries import Recipient
from shared.postgres.pool import Connection, Database

# Younger messages come before their deletions, as they were published; older ones may have been
# parked or lost, and come by a retry or a replay.
LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """A notice and the positions it took. `recipients` is None when the event was stored before."""

    notice: Notice
    recipients: Sequence[Recipient] | None


async def store_batch(database: Database, notices: Sequence[Notice]) -> list[Stored]:
    """Store `notices`, in order, in one transaction; each event at most once, ever.

    Once a message's deletion is stored, its content is gone from what is read back, and does not
    come back with the message itself if that comes late. Raises DatabaseAway.
    """
    deleted = [n.message_id for n in notices if n.type == "message.deleted" and n.message_id]
    # One statement is a transaction of its own, and saves two round trips.
    unit = database.transaction() if deleted else database.connection()
    async with unit as connection:
        notices = await _without_deleted(connection, notices)
        landed = await entries.insert(connection, notices)
        if deleted:
            await events.blank_messages(connection, deleted)
    return [Stored(notice, landed.get(index)) for index, notice in enumerate(notices)]


async def _without_deleted(connection: Connection, notices: Sequence[Notice]) -> Sequence[Notice]:
    """The notices, those of messages blanked that come late and were deleted meanwhile."""
    late = datetime.now(UTC) - LATE
    ids = [n.message_id for n in notices if n.type == "message.new" and n.created_at < late]
    deleted = await events.deleted_among(connection, [i for i in ids if i]) if ids else set()
    if not deleted:
        return notices
    return [
        n.blanked() if n.type == "message.new" and n.message_id in deleted else n for n in notices
    ]

"""Storing a batch of notices as entries."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.notifier.domain import Notice
from services.notifier.storage import entries, events
from services.notifier.storage.entries import Recipient
from shared.postgres.pool import Database


@dataclass(frozen=True, slots=True)
class Stored:
    """A notice and the positions it took. `recipients` is None when the event was stored before."""

    notice: Notice
    recipients: Sequence[Recipient] | None


async def store_batch(database: Database, notices: Sequence[Notice]) -> list[Stored]:
    """Store `notices`, in order, in one transaction; each event at most once, ever.

    Once a message's deletion is stored, its content is gone from what is read back. Raises
    DatabaseAway.
    """
    deleted = [n.message_id for n in notices if n.type == "message.deleted" and n.message_id]
    # One statement is a transaction of its own, and saves two round trips.
    unit = database.transaction() if deleted else database.connection()
    async with unit as connection:
        landed = await entries.insert(connection, notices)
        if deleted:
            await events.blank_messages(connection, deleted)
    return [Stored(notice, landed.get(index)) for index, notice in enumerate(notices)]

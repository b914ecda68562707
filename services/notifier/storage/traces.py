"""What is known of the way of one entry."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifier.domain import NotificationType
from shared.postgres.pool import Connection

# An entry read by read-all has no time of its own: the mailbox knows when the last one was, and
# which entries were unread before it. Those of earlier ones have no time any more.
READ_AT = """
       CASE WHEN e.is_read THEN e.read_at
            WHEN e.seq <= m.read_seq AND e.seq > m.read_all_from THEN m.read_all_at END AS read_at
"""
_ONE = f"""
SELECT e.seq, v.id AS event_id, v.type, v.trace_id, v.created_at AS published_at,
       v.stored_at AS persisted_at, e.seq <= m.delivered_seq AS is_delivered,
       e.is_read OR e.seq <= m.read_seq AS is_read,
       {READ_AT}
FROM mailboxes m JOIN entries e ON e.mailbox_id = m.id JOIN events v ON v.key = e.event_key
WHERE m.user_id = $1 AND e.seq = $2
"""  # noqa: S608 - only a constant of this module is put in


@dataclass(frozen=True, slots=True)
class EntryTrace:
    """Times are None where nobody noted them: before they were kept, or of entries born read."""

    seq: int
    event_id: UUID
    type: NotificationType
    trace_id: str | None
    published_at: datetime
    persisted_at: datetime | None
    is_delivered: bool
    is_read: bool
    read_at: datetime | None


async def one(connection: Connection, user_id: str, seq: int) -> EntryTrace | None:
    """The entry at `seq` of `user_id`'s mailbox, or None."""
    row = await connection.fetchrow(_ONE, user_id, seq)
    return EntryTrace(**row) if row else None

"""The two statements behind sending a message: what the sender may do, and the message itself."""

from dataclasses import dataclass
from uuid import UUID

from services.chat.domain.messages import Message
from shared.events.fact import Role
from shared.postgres.pool import Connection

# The watermark is locked: a read from the sender's other device must not slip in between, or the
# same messages would be told as read twice.
_SENDER = """
SELECT s.role, n.name, w.delivered_seq, w.read_seq,
       greatest(w.read_ordinal, s.joined_ordinal) AS read_ordinal,
       earlier.seq AS earlier_seq,
       ARRAY(SELECT user_id FROM memberships
             WHERE group_id = $1 AND left_seq IS NULL AND user_id <> $2
             ORDER BY user_id) AS audience
FROM memberships s
JOIN watermarks w ON w.group_id = s.group_id AND w.user_id = s.user_id
LEFT JOIN display_names n ON n.user_id = s.user_id
LEFT JOIN messages earlier ON earlier.group_id = s.group_id AND earlier.sender_id = s.user_id
    AND earlier.client_message_id = $3
WHERE s.group_id = $1 AND s.user_id = $2 AND s.left_seq IS NULL
FOR UPDATE OF w
"""
_WRITE = """
WITH posted AS (
    INSERT INTO messages (id, group_id, seq, ordinal, sender_id, type, content, metadata,
                          client_message_id, total, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
), counted AS (
    UPDATE groups SET last_seq = $3, last_ordinal = $4, last_message_id = $1,
                      last_activity_at = $11
    WHERE id = $2
)
UPDATE watermarks SET delivered_seq = $3, read_seq = $3, read_ordinal = $4
WHERE group_id = $2 AND user_id = $5
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """A present member about to send. `earlier_seq` is the message that already bears the client
    id; `audience` is every other present member."""

    role: Role
    name: str | None
    delivered_seq: int
    read_seq: int
    read_ordinal: int
    earlier_seq: int | None
    audience: list[str]


async def lock_sender(
    connection: Connection, group_id: UUID, user_id: str, client_message_id: str | None
) -> Sender | None:
    """The sender, with their watermark locked; None for one who is not a member. Expects the group
    to be locked, so that what is read here is the latest."""
    row = await connection.fetchrow(_SENDER, group_id, user_id, client_message_id)
    return Sender(*row) if row is not None else None


async def write(connection: Connection, message: Message) -> None:
    """Insert the message, count it in its group, and move the sender's own watermarks."""
    await connection.execute(
        _WRITE,
        message.id,
        message.group_id,
        message.seq,
        message.ordinal,
        message.sender_id,
        message.type,
        message.content,
        message.metadata,
        message.client_message_id,
        message.total,
        message.created_at,
    )

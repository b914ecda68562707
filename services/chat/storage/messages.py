"""Messages, and how many members have them."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.chat.domain.messages import Message
from services.chat.domain.receipts import Reached, Sent
from shared.postgres.pool import Connection

_INSERT = """
INSERT INTO messages (id, group_id, seq, ordinal, sender_id, type, content, metadata,
                      client_message_id, total, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
# Members who stand alike, as seen from this page, are counted together: mostly all of them do. One
# of them is the sender, whose own watermarks moved with the message.
_PAGE = """
WITH page AS MATERIALIZED (
    SELECT m.id, m.group_id, m.seq, m.ordinal, m.sender_id,
           coalesce(n.name, m.sender_id) AS sender_name, m.type, m.content, m.metadata,
           m.client_message_id, m.is_deleted, m.created_at, m.total, m.fingerprint
    FROM messages m LEFT JOIN display_names n ON n.user_id = m.sender_id
    WHERE m.group_id = $1 AND m.seq BETWEEN $2 AND $3
), people AS MATERIALIZED (
    SELECT greatest(s.joined_seq, $2 - 1) AS joined_seq,
           least(s.left_seq, w.delivered_seq, $3) AS delivered_seq,
           least(s.left_seq, w.read_seq, $3) AS read_seq,
           count(*) AS number
    FROM memberships s JOIN watermarks w ON w.group_id = s.group_id AND w.user_id = s.user_id
    WHERE s.group_id = $1 AND w.delivered_seq >= $2 AND (s.left_seq IS NULL OR s.left_seq >= $2)
    GROUP BY 1, 2, 3
)
SELECT page.*, greatest(status.delivered - 1, 0)::int AS delivered,
       greatest(status.read - 1, 0)::int AS read
FROM page CROSS JOIN LATERAL (
    SELECT coalesce(sum(number), 0) AS delivered,
           coalesce(sum(number) FILTER (WHERE people.read_seq >= page.seq), 0) AS read
    FROM people
    WHERE page.type <> 'system' AND people.joined_seq < page.seq
        AND page.seq <= people.delivered_seq
) AS status
ORDER BY page.seq
"""
_PLACE = """
SELECT m.group_id, m.seq, s.user_id IS NOT NULL AS is_member, g.is_deleted
FROM messages m JOIN groups g ON g.id = m.group_id
LEFT JOIN memberships s ON s.group_id = m.group_id AND s.user_id = $2 AND s.left_seq IS NULL
WHERE m.id = $1
"""
_GROUP_OF = """
SELECT m.group_id FROM messages m JOIN groups g ON g.id = m.group_id AND NOT g.is_deleted
WHERE m.id = $1
"""
_BLANK = """
UPDATE messages SET is_deleted = true, content = '', metadata = NULL, fingerprint = $2
WHERE id = $1
"""
_REACHED = """
SELECT s.user_id, w.read_seq >= m.seq AS has_read
FROM messages m
JOIN memberships s ON s.group_id = m.group_id AND s.joined_seq < m.seq
    AND (s.left_seq IS NULL OR m.seq <= s.left_seq) AND s.user_id <> m.sender_id
JOIN watermarks w ON w.group_id = s.group_id AND w.user_id = s.user_id
WHERE m.group_id = $1 AND m.seq = $2 AND m.type <> 'system' AND w.delivered_seq >= m.seq
ORDER BY s.user_id
"""
# The newest of each range: whoever was away for long must not make one round take for ever.
_SENT = """
SELECT r.group_id, m.id, m.seq, m.sender_id, m.total
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS r(group_id, from_seq, to_seq)
CROSS JOIN LATERAL (
    SELECT id, seq, sender_id, total FROM messages
    WHERE group_id = r.group_id AND seq > greatest(r.from_seq, r.to_seq - $4)
        AND seq <= r.to_seq AND type <> 'system'
) AS m
ORDER BY r.group_id, m.seq
"""


async def insert(connection: Connection, message: Message) -> None:
    await connection.execute(
        _INSERT,
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


async def page(connection: Connection, group_id: UUID, low: int, high: int) -> list[Message]:
    """The messages with low <= seq <= high, oldest first, each with its status."""
    return [Message(**row) for row in await connection.fetch(_PAGE, group_id, low, high)]


async def place(connection: Connection, message_id: UUID, user_id: str) -> asyncpg.Record | None:
    """group_id and seq of a message, whether `user_id` is a member there, and whether the group is
    deleted; None for a message that does not exist."""
    return await connection.fetchrow(_PLACE, message_id, user_id)


async def group_of(connection: Connection, message_id: UUID) -> UUID | None:
    """The group of a message, unless either is gone."""
    group_id: UUID | None = await connection.fetchval(_GROUP_OF, message_id)
    return group_id


async def blank(connection: Connection, message_id: UUID, fingerprint: bytes | None) -> None:
    """Mark a message deleted and take its content away for good; the fingerprint stays."""
    await connection.execute(_BLANK, message_id, fingerprint)


async def reached(connection: Connection, group_id: UUID, seq: int) -> list[Reached]:
    """Whom the message has reached, sorted: members when it was sent, without its sender."""
    rows = await connection.fetch(_REACHED, group_id, seq)
    return [Reached(row["user_id"], row["has_read"]) for row in rows]


async def sent_between(
    connection: Connection, ranges: Sequence[tuple[UUID, int, int]], at_most: int
) -> dict[UUID, list[Sent]]:
    """For each (group id, from, to): its messages with from < seq <= to, in order, without system
    messages; of a longer range only the newest `at_most` positions."""
    found: dict[UUID, list[Sent]] = {group_id: [] for group_id, _, _ in ranges}
    for row in await connection.fetch(
        _SENT,
        [group_id for group_id, _, _ in ranges],
        [from_seq for _, from_seq, _ in ranges],
        [to_seq for _, _, to_seq in ranges],
        at_most,
    ):
        found[row["group_id"]].append(Sent(row["id"], row["seq"], row["sender_id"], row["total"]))
    return found

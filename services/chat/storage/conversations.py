"""A person's conversations, newest activity first."""

from dataclasses import fields

import asyncpg

from services.chat.domain.conversations import Conversation
from services.chat.domain.groups import Group
from services.chat.domain.messages import Message
from shared.postgres.pool import Connection

_GROUP = tuple(field.name for field in fields(Group))
_MESSAGE = tuple(field.name for field in fields(Message))

# One statement for the whole page; whatever the number of groups, none is asked for on its own.
_PAGE = f"""
WITH mine AS MATERIALIZED (
    SELECT {", ".join(f"g.{name}" for name in _GROUP)}, s.role, w.read_seq,
           g.last_ordinal - greatest(w.read_ordinal, s.joined_ordinal, g.floor_ordinal)
               AS unread_count
    FROM memberships s
    JOIN groups g ON g.id = s.group_id AND NOT g.is_deleted
    JOIN watermarks w ON w.group_id = s.group_id AND w.user_id = s.user_id
    WHERE s.user_id = $1 AND s.left_seq IS NULL
    ORDER BY g.last_activity_at DESC, g.id DESC
    LIMIT $2 OFFSET $3
)
SELECT mine.*, other.name AS other_name,
       m.id AS m_id, m.group_id AS m_group_id, m.seq AS m_seq, m.ordinal AS m_ordinal,
       m.sender_id AS m_sender_id, coalesce(n.name, m.sender_id) AS m_sender_name,
       m.type AS m_type, m.content AS m_content, m.metadata AS m_metadata,
       m.client_message_id AS m_client_message_id, m.is_deleted AS m_is_deleted,
       m.created_at AS m_created_at, m.total AS m_total, m.fingerprint AS m_fingerprint,
       status.delivered AS m_delivered, status.read AS m_read
FROM mine
LEFT JOIN LATERAL (
    SELECT coalesce(o.name, p.user_id) AS name
    FROM memberships p LEFT JOIN display_names o ON o.user_id = p.user_id
    WHERE mine.type = 'dm' AND p.group_id = mine.id AND p.user_id <> $1
    -- Who was erased has left it.
    ORDER BY p.left_seq IS NOT NULL LIMIT 1
) AS other ON true
LEFT JOIN messages m ON m.id = mine.last_message_id
LEFT JOIN display_names n ON n.user_id = m.sender_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE w.delivered_seq >= m.seq) AS delivered,
           count(*) FILTER (WHERE w.read_seq >= m.seq) AS read
    FROM memberships s JOIN watermarks w ON w.group_id = s.group_id AND w.user_id = s.user_id
    WHERE m.type <> 'system' AND s.group_id = m.group_id AND s.joined_seq < m.seq
        AND (s.left_seq IS NULL OR m.seq <= s.left_seq) AND s.user_id <> m.sender_id
) AS status
ORDER BY mine.last_activity_at DESC, mine.id DESC
"""  # noqa: S608 - the names of the fields of a dataclass
_COUNT = """
SELECT count(*) FROM memberships s JOIN groups g ON g.id = s.group_id AND NOT g.is_deleted
WHERE s.user_id = $1 AND s.left_seq IS NULL
"""


async def page(connection: Connection, user_id: str, limit: int, offset: int) -> list[Conversation]:
    """The conversations of `user_id`."""
    return [_conversation(row) for row in await connection.fetch(_PAGE, user_id, limit, offset)]


async def count(connection: Connection, user_id: str) -> int:
    number: int = await connection.fetchval(_COUNT, user_id)
    return number


def _conversation(row: asyncpg.Record) -> Conversation:
    group = Group(**{name: row[name] for name in _GROUP})
    last = None
    if row["m_id"] is not None:
        last = Message(**{name: row[f"m_{name}"] for name in _MESSAGE})
    return Conversation(
        group=group,
        group_name=row["other_name"] or group.name or "",
        role=row["role"],
        unread_count=row["unread_count"],
        last_read_seq=row["read_seq"],
        last_message=last,
    )

"""Everything that chat holds of one person."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from shared.postgres.pool import Connection

TOGETHER = 500

# Also those that the person left, and those that are deleted.
_GROUPS_OF = """
SELECT group_id, max(last_seq) AS last_seq FROM (
    SELECT m.group_id, g.last_seq FROM memberships m JOIN groups g ON g.id = m.group_id
    WHERE m.user_id = $1
    UNION ALL
    SELECT w.group_id, g.last_seq FROM watermarks w JOIN groups g ON g.id = w.group_id
    WHERE w.user_id = $1
) AS theirs WHERE group_id > $2 GROUP BY group_id ORDER BY group_id LIMIT $3
"""
_BLANK = """
WITH blanked AS (
    UPDATE messages SET is_deleted = true, content = '', metadata = NULL, client_message_id = NULL,
                        fingerprint = NULL, sender_id = $5
    WHERE group_id = $1 AND seq > $2 AND seq <= $3 AND sender_id = $4 AND type <> 'system'
    RETURNING 1
)
SELECT count(*) FROM blanked
"""
_NOTICES = """
SELECT id, sender_id, metadata FROM messages
WHERE group_id = $1 AND seq > $2 AND seq <= $3 AND type = 'system'
    AND (sender_id = $4 OR position($5 IN metadata) > 0)
ORDER BY id FOR UPDATE
"""
_MEMBERSHIPS = """
SELECT m.group_id, g.type, g.name, m.role, m.joined_at, m.joined_seq, m.left_seq,
       w.delivered_seq, w.read_seq
FROM memberships m JOIN groups g ON g.id = m.group_id
LEFT JOIN watermarks w ON w.group_id = m.group_id AND w.user_id = m.user_id
WHERE m.user_id = $1 AND (m.group_id, m.joined_seq) > ($2, $3)
ORDER BY m.group_id, m.joined_seq LIMIT $4
"""
_MESSAGES = """
SELECT id, seq, type, content, metadata, client_message_id, is_deleted, created_at
FROM messages WHERE group_id = $1 AND seq > $2 AND seq <= $2 + $3 AND sender_id = $4
    AND type <> 'system'
ORDER BY seq
"""


async def groups_of(
    connection: Connection, user_id: str, after: UUID, at_most: int = TOGETHER
) -> list[tuple[UUID, int]]:
    """Some of the groups in which the person ever was, those that follow `after`, each with its
    newest position."""
    rows = await connection.fetch(_GROUPS_OF, user_id, after, at_most)
    return [(row["group_id"], row["last_seq"]) for row in rows]


async def blank_messages(
    connection: Connection, place: tuple[UUID, int, int], user_id: str, pseudonym: str
) -> int:
    """Take the person's messages at this place (group, above, up to) away as if deleted, with all
    that says whose they were; answers how many."""
    return int(await connection.fetchval(_BLANK, *place, user_id, pseudonym))


async def lock_notices(
    connection: Connection, place: tuple[UUID, int, int], user_id: str, token: str
) -> list[asyncpg.Record]:
    """id, sender_id and metadata of the system messages at this place that speak of the person."""
    return await connection.fetch(_NOTICES, *place, user_id, token)


async def rewrite_notices(
    connection: Connection, rewritten: Sequence[tuple[UUID, str, str, str]]
) -> None:
    """Write system messages anew: id, sender, content, metadata."""
    await connection.executemany(
        "UPDATE messages SET sender_id = $2, content = $3, metadata = $4 WHERE id = $1", rewritten
    )


async def rename(connection: Connection, group_id: UUID, user_id: str, pseudonym: str) -> int:
    """Have the pseudonym stand where the person was: what others' receipts count stays. Answers how
    many memberships that were."""
    await connection.execute(
        "UPDATE watermarks SET user_id = $3 WHERE group_id = $1 AND user_id = $2",
        *(group_id, user_id, pseudonym),
    )
    await connection.execute(
        "DELETE FROM pending_receipts WHERE group_id = $1 AND user_id = $2", group_id, user_id
    )
    done: str = await connection.execute(
        "UPDATE memberships SET user_id = $3 WHERE group_id = $1 AND user_id = $2",
        *(group_id, user_id, pseudonym),
    )
    return int(done.split()[1])


async def forget_name(connection: Connection, user_id: str, pseudonym: str, called: str) -> int:
    """Forget what the person is called; `called` is what the pseudonym is."""
    await connection.execute(
        "INSERT INTO display_names (user_id, name, seen_at) VALUES ($1, $2, now())"
        " ON CONFLICT DO NOTHING",
        *(pseudonym, called),
    )
    done: str = await connection.execute("DELETE FROM display_names WHERE user_id = $1", user_id)
    return int(done.split()[1])


async def disown(connection: Connection, user_id: str, pseudonym: str) -> None:
    """Have the groups that the person created be created by nobody."""
    await connection.execute(
        "UPDATE groups SET created_by = $2 WHERE created_by = $1", user_id, pseudonym
    )


async def memberships(
    connection: Connection, user_id: str, after: tuple[UUID, int]
) -> list[dict[str, Any]]:
    """Some of the person's memberships, with how far they have received and read."""
    return [dict(row) for row in await connection.fetch(_MEMBERSHIPS, user_id, *after, TOGETHER)]


async def messages(
    connection: Connection, group_id: UUID, after: int, span: int, user_id: str
) -> list[dict[str, Any]]:
    """The person's messages among the `span` positions of a group that follow `after`."""
    rows = await connection.fetch(_MESSAGES, group_id, after, span, user_id)
    return [dict(row) for row in rows]

"""Everything that groups holds of one person."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.postgres.pool import Connection

TOGETHER = 100

_GROUPS_OF = """
SELECT m.group_id FROM members m JOIN groups g ON g.id = m.group_id AND NOT g.is_deleted
WHERE m.user_id = $1 ORDER BY m.group_id LIMIT $2
"""
_LEAVE_DELETED = """
WITH gone AS (
    DELETE FROM members m USING groups g
    WHERE m.user_id = $1 AND g.id = m.group_id AND g.is_deleted RETURNING 1
)
SELECT count(*) FROM gone
"""
_RELEASE_DM = """
UPDATE groups SET dm_key = array_to_string(array_replace(string_to_array(dm_key, ','), $2, $3), ',')
WHERE id = $1
"""
_FORGET_NAME = """
WITH gone AS (DELETE FROM display_names WHERE user_id = $1 RETURNING 1) SELECT count(*) FROM gone
"""
_MEMBERSHIPS = """
SELECT g.id, g.type, g.name, g.created_by = $1 AS is_creator, g.is_deleted, m.role, m.joined_at
FROM members m JOIN groups g ON g.id = m.group_id
WHERE m.user_id = $1 AND m.group_id > $2 ORDER BY m.group_id LIMIT $3
"""


async def groups_of(connection: Connection, user_id: str) -> list[UUID]:
    """Some of the groups in which the person is; none when they are in none."""
    rows = await connection.fetch(_GROUPS_OF, user_id, TOGETHER)
    return [row["group_id"] for row in rows]


async def leave_deleted(connection: Connection, user_id: str) -> int:
    """Take the person out of groups that are deleted; answers out of how many."""
    return int(await connection.fetchval(_LEAVE_DELETED, user_id))


async def disown(connection: Connection, user_id: str, pseudonym: str) -> None:
    """Have groups that are deleted be created by nobody."""
    await connection.execute(
        "UPDATE groups SET created_by = $2 WHERE created_by = $1 AND is_deleted",
        user_id,
        pseudonym,
    )


async def release_dm(connection: Connection, group_id: UUID, user_id: str, pseudonym: str) -> None:
    """Should somebody come back with the same id, the two open a new dm."""
    await connection.execute(_RELEASE_DM, group_id, user_id, pseudonym)


async def forget_name(connection: Connection, user_id: str) -> int:
    return int(await connection.fetchval(_FORGET_NAME, user_id))


async def name_of(connection: Connection, user_id: str) -> str | None:
    name: str | None = await connection.fetchval(
        "SELECT name FROM display_names WHERE user_id = $1", user_id
    )
    return name


async def memberships(
    connection: Connection, user_id: str, after: UUID
) -> Sequence[dict[str, Any]]:
    """Some of the person's memberships, those in the groups that follow `after`."""
    return [dict(row) for row in await connection.fetch(_MEMBERSHIPS, user_id, after, TOGETHER)]

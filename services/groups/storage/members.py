"""The table `members`, joined with what is known of their names."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.groups.domain.circles import Member, Role
from services.groups.storage.rows import member_of
from shared.postgres.pool import Connection

# Both go by the same order, so that a page is a slice of the whole.
_OF_GROUP = """
SELECT m.user_id, m.role, m.joined_at, COALESCE(d.name, m.user_id) AS shown_name
FROM members m LEFT JOIN display_names d USING (user_id)
WHERE m.group_id = $1 ORDER BY m.joined_at, m.user_id
"""

_INSERT = """
WITH added AS (
    INSERT INTO members (group_id, user_id, role, joined_at)
    SELECT $1, user_id, role, $4 FROM unnest($2::text[], $3::text[]) AS new (user_id, role)
    RETURNING user_id, role, joined_at
)
SELECT added.*, COALESCE(d.name, added.user_id) AS shown_name
FROM added LEFT JOIN display_names d USING (user_id) ORDER BY added.user_id
"""


async def insert(
    connection: Connection, group_id: UUID, roles: Mapping[str, Role], joined_at: datetime
) -> list[Member]:
    """Those whom `roles` names are members now; returns them in the order of their ids."""
    rows = await connection.fetch(_INSERT, group_id, [*roles], [*roles.values()], joined_at)
    return [member_of(row) for row in rows]


async def of_group(connection: Connection, group_id: UUID) -> list[Member]:
    """All members, in the order they joined."""
    return [member_of(row) for row in await connection.fetch(_OF_GROUP, group_id)]


async def page_of(connection: Connection, group_id: UUID, limit: int, offset: int) -> list[Member]:
    rows = await connection.fetch(f"{_OF_GROUP} LIMIT $2 OFFSET $3", group_id, limit, offset)
    return [member_of(row) for row in rows]


async def set_role(connection: Connection, group_id: UUID, user_id: str, role: Role) -> None:
    await connection.execute(
        "UPDATE members SET role = $3 WHERE group_id = $1 AND user_id = $2",
        *(group_id, user_id, role),
    )


async def delete(connection: Connection, group_id: UUID, user_id: str) -> None:
    await connection.execute(
        "DELETE FROM members WHERE group_id = $1 AND user_id = $2", group_id, user_id
    )

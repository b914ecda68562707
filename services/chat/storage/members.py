"""Who was in a group when: intervals over its sequence numbers."""

from collections.abc import Sequence
from uuid import UUID

from services.chat.domain.groups import Group, Membership
from services.chat.domain.receipts import Interval
from shared.events.groups import Member
from shared.postgres.pool import Connection

_CLOSE = """
UPDATE memberships m SET left_seq = $2
WHERE m.group_id = $1 AND m.left_seq IS NULL
    AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS u(user_id) WHERE u.user_id = m.user_id)
"""
# The same joined_seq again: the person was gone for no message at all.
_OPEN = """
INSERT INTO memberships AS m (group_id, user_id, role, joined_at, joined_seq, joined_ordinal)
SELECT $1, u.user_id, u.role, u.joined_at, $2, $3
FROM unnest($4::text[], $5::text[], $6::timestamptz[]) AS u(user_id, role, joined_at)
WHERE NOT EXISTS (
    SELECT FROM memberships p
    WHERE p.group_id = $1 AND p.user_id = u.user_id AND p.left_seq IS NULL)
ON CONFLICT (group_id, user_id, joined_seq)
    DO UPDATE SET left_seq = NULL, role = excluded.role, joined_at = excluded.joined_at
"""
_SET_ROLES = """
UPDATE memberships m SET role = u.role
FROM unnest($2::text[], $3::text[]) AS u(user_id, role)
WHERE m.group_id = $1 AND m.user_id = u.user_id AND m.left_seq IS NULL AND m.role <> u.role
"""
_ADD_WATERMARKS = """
INSERT INTO watermarks (group_id, user_id)
SELECT $1, u.user_id FROM unnest($2::text[]) AS u(user_id) ORDER BY 2
ON CONFLICT DO NOTHING
"""
_PRESENT = """
SELECT m.user_id, m.role, n.name
FROM memberships m LEFT JOIN display_names n ON n.user_id = m.user_id
WHERE m.group_id = $1 AND m.left_seq IS NULL ORDER BY m.user_id
"""
_INTERVALS = """
SELECT m.group_id, m.user_id, m.joined_seq, m.left_seq
FROM unnest($1::uuid[], $2::text[]) AS a(group_id, user_id)
JOIN memberships m ON m.group_id = a.group_id AND m.user_id = a.user_id
"""


async def close_absent(connection: Connection, group: Group, present: Sequence[str]) -> None:
    """End the memberships of those who are not among `present`, at the group's newest message."""
    await connection.execute(_CLOSE, group.id, group.last_seq, present)


async def open_new(connection: Connection, group: Group, members: Sequence[Member]) -> None:
    """Begin memberships, after the group's newest message, for those of `members` without one."""
    await connection.execute(
        _OPEN,
        group.id,
        group.last_seq,
        group.last_ordinal,
        [member.user_id for member in members],
        [member.role for member in members],
        [member.joined_at for member in members],
    )


async def set_roles(connection: Connection, group: Group, members: Sequence[Member]) -> None:
    await connection.execute(
        _SET_ROLES,
        group.id,
        [member.user_id for member in members],
        [member.role for member in members],
    )


async def add_watermarks(connection: Connection, group: Group, user_ids: Sequence[str]) -> None:
    """A watermark for each who has none; those who come back find theirs."""
    await connection.execute(_ADD_WATERMARKS, group.id, user_ids)


async def present(connection: Connection, group_id: UUID) -> dict[str, Membership]:
    """The present members by id, sorted."""
    rows = await connection.fetch(_PRESENT, group_id)
    return {row["user_id"]: Membership(row["role"], row["name"]) for row in rows}


async def intervals(
    connection: Connection, people: Sequence[tuple[UUID, str]]
) -> dict[UUID, list[Interval]]:
    """When each of `people` (group id, user id) was in that group, by group."""
    found: dict[UUID, list[Interval]] = {}
    for row in await connection.fetch(
        _INTERVALS, [group_id for group_id, _ in people], [user_id for _, user_id in people]
    ):
        found.setdefault(row["group_id"], []).append(
            Interval(row["user_id"], row["joined_seq"], row["left_seq"])
        )
    return found

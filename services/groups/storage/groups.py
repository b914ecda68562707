"""The table `groups`."""

from uuid import UUID

from services.groups.domain.circles import NOBODY, GroupView
from services.groups.domain.groups import Draft, Group, GroupSettings
from services.groups.storage.rows import group_of, view_of
from shared.postgres.pool import Connection

_INSERT = """
INSERT INTO groups (id, type, name, description, avatar, created_by,
                    only_admins_can_message, only_admins_can_edit_info, max_members, dm_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

_SAVE = """
UPDATE groups SET name = $2, description = $3, avatar = $4, created_by = $5,
    only_admins_can_message = $6, only_admins_can_edit_info = $7, max_members = $8,
    is_deleted = $9, version = version + 1,
    -- Read after the lock was won: times of a group rise with its versions.
    updated_at = clock_timestamp()
WHERE id = $1 RETURNING *
"""

# Counting and naming happen for the groups of the page alone, and a dm's other member is looked up
# for dms alone.
_VIEWS = f"""
SELECT g.*, mine.role,
       CASE g.type WHEN 'dm' THEN COALESCE((
           SELECT COALESCE(d.name, other.user_id)
           FROM members other LEFT JOIN display_names d USING (user_id)
           WHERE other.group_id = g.id AND other.user_id <> mine.user_id
       ), '{NOBODY}') ELSE g.name END AS shown_name,
       (SELECT count(*) FROM members everyone WHERE everyone.group_id = g.id) AS member_count
FROM mine JOIN groups g ON g.id = mine.group_id AND NOT g.is_deleted
"""  # noqa: S608 - a constant of the domain

_SEEN_BY = (
    "WITH mine AS (SELECT * FROM members WHERE group_id = $1 AND user_id = $2)"  # noqa: S608
    f"{_VIEWS}"
)

_PAGE = f"""
WITH mine AS (
    SELECT m.* FROM members m JOIN groups g ON g.id = m.group_id
    WHERE m.user_id = $1 AND NOT g.is_deleted
    ORDER BY g.created_at DESC, g.id DESC LIMIT $2 OFFSET $3
) {_VIEWS} ORDER BY g.created_at DESC, g.id DESC
"""  # noqa: S608 - constants of this module

_COUNT = """
SELECT count(*) FROM members m JOIN groups g ON g.id = m.group_id
WHERE m.user_id = $1 AND NOT g.is_deleted
"""


async def insert(connection: Connection, group_id: UUID, creator: str, draft: Draft) -> Group:
    s = draft.settings
    row = await connection.fetchrow(
        f"{_INSERT} RETURNING *",
        *(group_id, "group", draft.name, draft.description, draft.avatar, creator),
        *(s.only_admins_can_message, s.only_admins_can_edit_info, s.max_members, None),
    )
    assert row is not None, "an insert without ON CONFLICT returns its row"
    return group_of(row)


async def insert_dm(
    connection: Connection, group_id: UUID, creator: str, key: str, settings: GroupSettings
) -> Group | None:
    """The new dm, or None if these two have one: an insert under way is waited for."""
    row = await connection.fetchrow(
        f"{_INSERT} ON CONFLICT (dm_key) DO NOTHING RETURNING *",
        *(group_id, "dm", None, "", None, creator),
        *(settings.only_admins_can_message, settings.only_admins_can_edit_info),
        *(settings.max_members, key),
    )
    return None if row is None else group_of(row)


async def id_of_dm(connection: Connection, key: str) -> UUID | None:
    found: UUID | None = await connection.fetchval("SELECT id FROM groups WHERE dm_key = $1", key)
    return found


async def lock(connection: Connection, group_id: UUID) -> Group | None:
    """The group, locked until the transaction ends; None if missing or deleted."""
    row = await connection.fetchrow(
        "SELECT * FROM groups WHERE id = $1 AND NOT is_deleted FOR UPDATE", group_id
    )
    return None if row is None else group_of(row)


async def save(connection: Connection, group: Group) -> Group:
    """Write the group, which is locked, as its next version; returns that."""
    s = group.settings
    row = await connection.fetchrow(
        _SAVE,
        *(group.id, group.name, group.description, group.avatar, group.created_by),
        *(s.only_admins_can_message, s.only_admins_can_edit_info, s.max_members),
        group.is_deleted,
    )
    assert row is not None, "a locked row is there"
    return group_of(row)


async def find(connection: Connection, group_id: UUID) -> Group | None:
    """The group, even if deleted."""
    row = await connection.fetchrow("SELECT * FROM groups WHERE id = $1", group_id)
    return None if row is None else group_of(row)


async def seen_by(connection: Connection, group_id: UUID, user_id: str) -> GroupView | None:
    """The group as one of its members sees it; None for anybody else."""
    row = await connection.fetchrow(_SEEN_BY, group_id, user_id)
    return None if row is None else view_of(row)


async def page_of(connection: Connection, user_id: str, limit: int, offset: int) -> list[GroupView]:
    """The groups of one person, newest first."""
    return [view_of(row) for row in await connection.fetch(_PAGE, user_id, limit, offset)]


async def count_of(connection: Connection, user_id: str) -> int:
    count: int = await connection.fetchval(_COUNT, user_id)
    return count

"""Chat's copy of the groups, with the counters of each."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from uuid import UUID

import asyncpg

from services.chat.domain.groups import Group
from shared.postgres.pool import Connection

_FIELDS = tuple(field.name for field in fields(Group))
COLUMNS = ", ".join(_FIELDS)

# NO KEY UPDATE is what an UPDATE takes: it orders writers and lets foreign keys be checked.
_LOCK = f"SELECT {COLUMNS} FROM groups WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608

_LOCK_FREE = f"{_LOCK} SKIP LOCKED"

_INSERT_MISSING = f"""
INSERT INTO groups ({COLUMNS})
VALUES ({", ".join(f"${number}" for number in range(1, len(_FIELDS) + 1))})
ON CONFLICT (id) DO NOTHING
"""  # noqa: S608 - the names of the fields of a dataclass

_SAVE = f"""
UPDATE groups SET {", ".join(f"{name} = ${n}" for n, name in enumerate(_FIELDS, 1))}
WHERE id = ${_FIELDS.index("id") + 1}
"""  # noqa: S608 - the names of the fields of a dataclass

_ACCESS = """
SELECT g.last_seq, g.floor_seq, m.user_id IS NOT NULL AS is_member, g.is_deleted, g.members_version
FROM groups g LEFT JOIN memberships m
    ON m.group_id = g.id AND m.user_id = $2 AND m.left_seq IS NULL
WHERE g.id = $1
"""


async def insert_missing(connection: Connection, groups: Sequence[Group]) -> None:
    """Add those of `groups` that the copy has never heard of. Expects them sorted by id."""
    await connection.executemany(
        _INSERT_MISSING, [tuple(getattr(group, name) for name in _FIELDS) for group in groups]
    )


async def lock(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Group]:
    """Lock the groups with these ids, in the order of ids, until the transaction ends."""
    return {row["id"]: _group(row) for row in await connection.fetch(_LOCK, ids)}


async def lock_free(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Group]:
    """Lock those of the groups that nobody else has locked."""
    return {row["id"]: _group(row) for row in await connection.fetch(_LOCK_FREE, ids)}


async def known(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the groups that the copy has heard of."""
    rows = await connection.fetch("SELECT id FROM groups WHERE id = ANY($1::uuid[])", ids)
    return {row["id"] for row in rows}


async def save(connection: Connection, group: Group) -> None:
    """Write a locked group back."""
    await connection.execute(_SAVE, *asdict(group).values())


async def access(connection: Connection, group_id: UUID, user_id: str) -> asyncpg.Record | None:
    """last_seq, floor_seq, is_member, is_deleted and members_version, as `user_id` finds the
    group; None for a group that the copy does not know."""
    return await connection.fetchrow(_ACCESS, group_id, user_id)


async def members_version(connection: Connection, group_id: UUID) -> int:
    """Up to which change the memberships of the group are known; 0 for an unknown group."""
    version: int = await connection.fetchval(
        "SELECT coalesce((SELECT members_version FROM groups WHERE id = $1), 0)", group_id
    )
    return version


def _group(row: asyncpg.Record) -> Group:
    return Group(*row)

"""Chat's copy of the groups, held against the groups' own tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tests.faults.scene import Scene
from tests.faults.servers import Servers

_GROUPS = """
SELECT id, version, name, is_deleted, created_by FROM groups WHERE id = ANY($1::uuid[])
"""
_MEMBERS = "SELECT group_id, user_id, role FROM members WHERE group_id = ANY($1::uuid[])"
_COPIED_MEMBERS = """
SELECT group_id, user_id, role FROM memberships
WHERE group_id = ANY($1::uuid[]) AND left_seq IS NULL
"""
_COUNTS = "SELECT id, member_count FROM groups WHERE id = ANY($1::uuid[])"


async def memberships_agree(scene: Scene) -> None:
    """What chat holds of each of the scene's groups is what groups holds: the state, who is in
    it, and as what. Only the settled system need agree."""
    ids = [UUID(group.id) for group in scene.traffic.groups]
    servers = scene.stack.servers
    ours = await _states(servers, "groups", ids, _MEMBERS)
    copies = await _states(servers, "chat", ids, _COPIED_MEMBERS)
    scene.broken += [
        f"chat's copy of group {id_} is {copies.get(id_)}, and groups has {state}"
        for id_, state in ours.items()
        if copies.get(id_) != state
    ]
    async with servers.connected("chat") as connection:
        counts = await connection.fetch(_COUNTS, ids)
    scene.broken += [
        f"chat counts {row['member_count']} members of group {row['id']}"
        for row in counts
        if row["id"] in copies and row["member_count"] != len(copies[row["id"]].members)
    ]


@dataclass(frozen=True)
class _State:
    version: int
    name: str | None
    is_deleted: bool
    created_by: str
    members: frozenset[tuple[str, str]]


async def _states(
    servers: Servers, service: str, ids: Sequence[UUID], members: str
) -> dict[UUID, _State]:
    async with servers.connected(service) as connection:
        groups = await connection.fetch(_GROUPS, ids)
        rows = await connection.fetch(members, ids)
    within: dict[UUID, set[tuple[str, str]]] = {row["id"]: set() for row in groups}
    for row in rows:
        within[row["group_id"]].add((row["user_id"], row["role"]))
    return {
        row["id"]: _State(
            row["version"],
            row["name"],
            row["is_deleted"],
            row["created_by"],
            # Nobody is in a deleted group, whatever rows are left of it.
            frozenset() if row["is_deleted"] else frozenset(within[row["id"]]),
        )
        for row in groups
    }

"""People joining, leaving and changing roles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.groups.actions.facts import person, roster, state
from services.groups.actions.locking import lock_circle
from services.groups.domain.circles import Circle, GroupView, Member, Role, others
from services.groups.storage import groups, members
from shared.events.groups import MemberAdded, MemberLeft, MemberRemoved, MemberRoleChanged
from shared.outbox.record import Outbox, record
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Added:
    """What adding came to: those added, and those skipped since they were in already."""

    view: GroupView
    added: tuple[str, ...]
    skipped: tuple[str, ...]


async def add_members(outbox: Outbox, actor: str, group_id: UUID, user_ids: Sequence[str]) -> Added:
    """Add all of `user_ids` who aren't in yet, or none; they learn of it through MemberAdded.

    Raises GroupNotFound, NotAnAdmin, GroupFull or DmImmutable.
    """
    async with outbox.transaction() as connection:
        circle = await lock_circle(connection, group_id)
        circle.ensure_admin(actor)
        named = others(user_ids, actor)
        new = tuple(user_id for user_id in named if user_id not in circle.members)
        skipped = tuple(user_id for user_id in named if user_id in circle.members)
        circle.ensure_room_for(len(new))
        if new:
            circle = await _admit(connection, circle, actor, new)
    return Added(circle.seen_by(actor), new, skipped)


async def _admit(
    connection: Connection, circle: Circle, actor: str, user_ids: tuple[str, ...]
) -> Circle:
    group = await groups.save(connection, circle.group)
    roles: dict[str, Role] = dict.fromkeys(user_ids, "member")
    newcomers = await members.insert(connection, group.id, roles, group.updated_at)
    circle = replace(circle, group=group).joined_by(newcomers)
    await record(
        connection,
        MemberAdded(
            group=state(group),
            actor=person(circle.member(actor)),
            added=tuple(person(circle.member(user_id)) for user_id in user_ids),
            members=roster(circle),
            audience=user_ids,
        ),
    )
    return circle


async def remove_member(outbox: Outbox, actor: str, group_id: UUID, user_id: str) -> None:
    """Remove someone as an admin; they and those who remain learn of it through MemberRemoved.

    Raises GroupNotFound, NotAnAdmin, MemberNotFound, CreatorProtected or DmImmutable.
    """
    async with outbox.transaction() as connection:
        circle = await lock_circle(connection, group_id)
        circle.ensure_may_manage(actor, user_id)
        rest = await _take_out(connection, circle, user_id)
        await record(
            connection,
            MemberRemoved(
                group=state(rest.group),
                actor=person(circle.member(actor)),
                removed=person(circle.member(user_id)),
                members=roster(rest),
                audience=tuple(circle.members),
            ),
        )


async def leave_group(outbox: Outbox, actor: str, group_id: UUID) -> None:
    """Leave; the leaver and those who remain learn of it through MemberLeft.

    Raises GroupNotFound, CreatorMustTransfer or DmImmutable.
    """
    async with outbox.transaction() as connection:
        circle = await lock_circle(connection, group_id)
        circle.ensure_may_leave(actor)
        rest = await _take_out(connection, circle, actor)
        await record(
            connection,
            MemberLeft(
                group=state(rest.group),
                actor=person(circle.member(actor)),
                members=roster(rest),
                audience=tuple(circle.members),
            ),
        )


async def _take_out(connection: Connection, circle: Circle, user_id: str) -> Circle:
    group = await groups.save(connection, circle.group)
    await members.delete(connection, group.id, user_id)
    return replace(circle, group=group).without(user_id)


async def change_role(
    outbox: Outbox, actor: str, group_id: UUID, user_id: str, role: Role
) -> Member:
    """Give someone a role, as an admin; they learn of it through MemberRoleChanged.

    Raises GroupNotFound, NotAnAdmin, MemberNotFound, CreatorProtected or DmImmutable.
    """
    async with outbox.transaction() as connection:
        circle = await lock_circle(connection, group_id)
        circle.ensure_may_manage(actor, user_id)
        if circle.member(user_id).role == role:
            return circle.member(user_id)
        group = await groups.save(connection, circle.group)
        await members.set_role(connection, group_id, user_id, role)
        circle = replace(circle, group=group).with_role(user_id, role)
        await record(
            connection,
            MemberRoleChanged(
                group=state(group),
                actor=person(circle.member(actor)),
                member=person(circle.member(user_id)),
                role=role,
                members=roster(circle),
                audience=(user_id,),
            ),
        )
    return circle.member(user_id)

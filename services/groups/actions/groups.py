"""Creating, editing, handing over and deleting groups."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.groups.actions.facts import person, roster, state
from services.groups.actions.locking import lock_circle
from services.groups.domain.circles import Circle, GroupView, Role, ensure_fits, others
from services.groups.domain.groups import Draft, Edit
from services.groups.storage import groups, members
from shared.events.groups import GroupCreated, GroupDeleted, GroupUpdated, MemberRoleChanged
from shared.ids import uuid7
from shared.outbox.record import Outbox, record


async def create_group(
    outbox: Outbox, actor: str, draft: Draft, member_ids: Sequence[str]
) -> GroupView:
    """Create a group with `actor` as its creator; those added learn of it through GroupCreated.

    Raises GroupFull.
    """
    guests = others(member_ids, actor)
    ensure_fits(1 + len(guests), draft.settings)
    async with outbox.transaction() as connection:
        group = await groups.insert(connection, uuid7(), actor, draft)
        roles: dict[str, Role] = {actor: "admin", **dict.fromkeys(guests, "member")}
        joined = await members.insert(connection, group.id, roles, group.created_at)
        circle = Circle.of(group, joined)
        await record(
            connection,
            GroupCreated(
                group=state(group),
                actor=person(circle.member(actor)),
                members=roster(circle),
                audience=tuple(guests),
            ),
        )
    return circle.seen_by(actor)


async def edit_group(outbox: Outbox, actor: str, group_id: UUID, edit: Edit) -> GroupView:
    """Change info and settings; every member learns of it through GroupUpdated.

    Raises GroupNotFound, NotAnAdmin, MaxMembersBelowSize or DmImmutable.
    """
    async with outbox.transaction() as connection:
        circle = await lock_circle(connection, group_id)
        circle.ensure_may_edit(actor, edit)
        edited = circle.group.edited(edit)
        changes = edited.changes_since(circle.group)
        if not changes:
            return circle.seen_by(actor)
        circle = replace(circle, group=await groups.save(connection, edited))
        await record(
            connection,
            GroupUpdated(
                group=state(circle.group),
                actor=person(circle.member(actor)),
                changes=changes,
                audience=tuple(circle.members),
            ),
        )
    return circle.seen_by(actor)


async def transfer_group(outbox: Outbox, actor: str, group_id: UUID, heir: str) -> GroupView:
    """Make `heir` creator and admin; the two learn of it through MemberRoleChanged.

    Handing over to oneself changes nothing. Raises GroupNotFound, NotTheCreator, NotAMember or
    DmImmutable.
    """
    async with outbox.transaction() as connection:
        circle = await lock_circle(connection, group_id)
        circle.ensure_may_transfer(actor, heir)
        if heir == actor:
            return circle.seen_by(actor)
        group = await groups.save(connection, replace(circle.group, created_by=heir))
        await members.set_role(connection, group_id, heir, "admin")
        circle = replace(circle, group=group).with_role(heir, "admin")
        await record(
            connection,
            MemberRoleChanged(
                group=state(group),
                actor=person(circle.member(actor)),
                member=person(circle.member(heir)),
                role="admin",
                created_by=heir,
                members=roster(circle),
                audience=(heir, actor),
            ),
        )
    return circle.seen_by(actor)


async def delete_group(outbox: Outbox, actor: str, group_id: UUID) -> None:
    """Delete the group for everybody; every member learns of it through GroupDeleted.

    Raises GroupNotFound, NotTheCreator or DmImmutable.
    """
    async with outbox.transaction() as connection:
        circle = await lock_circle(connection, group_id)
        circle.ensure_creator(actor)
        group = await groups.save(connection, replace(circle.group, is_deleted=True))
        await record(
            connection,
            GroupDeleted(
                group=state(group),
                actor=person(circle.member(actor)),
                audience=tuple(circle.members),
            ),
        )

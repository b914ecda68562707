"""Opening a dm: a group of two that exists once for both."""

from dataclasses import dataclass

from services.groups.actions.facts import person, roster, state
from services.groups.domain.circles import Circle, GroupView, Role
from services.groups.domain.groups import DM_SETTINGS, dm_key
from services.groups.errors import DmWithOneself, GroupNotFound
from services.groups.storage import groups, members
from shared.events.groups import GroupCreated
from shared.ids import uuid7
from shared.outbox.record import Outbox, record
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class OpenedDm:
    view: GroupView
    is_new: bool


async def open_dm(outbox: Outbox, actor: str, recipient: str) -> OpenedDm:
    """The dm of the two, made if they have none; the other learns of a new one through
    GroupCreated. Raises DmWithOneself."""
    if actor == recipient:
        raise DmWithOneself
    key = dm_key(actor, recipient)
    async with outbox.transaction() as connection:
        group = await groups.insert_dm(connection, uuid7(), actor, key, DM_SETTINGS)
        if group is None:
            return OpenedDm(await _existing(connection, actor, key), is_new=False)
        roles: dict[str, Role] = {actor: "member", recipient: "member"}
        pair = await members.insert(connection, group.id, roles, group.created_at)
        circle = Circle.of(group, pair)
        await record(
            connection,
            GroupCreated(
                group=state(group),
                actor=person(circle.member(actor)),
                members=roster(circle),
                audience=(recipient,),
            ),
        )
    return OpenedDm(circle.seen_by(actor), is_new=True)


async def _existing(connection: Connection, actor: str, key: str) -> GroupView:
    group_id = await groups.id_of_dm(connection, key)
    view = await groups.seen_by(connection, group_id, actor) if group_id else None
    if view is None:
        raise GroupNotFound
    return view

"""A group as another service asks for it."""

from uuid import UUID

from pydantic_core import from_json

from services.groups.actions.facts import roster, state
from services.groups.domain.circles import Circle
from services.groups.errors import GroupNotFound
from services.groups.storage import facts, groups, members
from shared.events.groups import GroupSnapshot
from shared.postgres.pool import Database

# Whoever missed more than this starts from the present state.
MAX_FACTS = 100


async def snapshot(database: Database, group_id: UUID, after: int) -> GroupSnapshot:
    """The group as it is, deleted or not, and its facts after version `after`.

    Raises GroupNotFound. One transaction with one view of the data: facts and members read apart
    could tell of different versions.
    """
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        group = await groups.find(connection, group_id)
        if group is None:
            raise GroupNotFound
        # Every version has one fact: so many are the last ones after `after`.
        count = max(0, min(group.version - after, MAX_FACTS))
        bodies = await facts.latest(connection, group_id, count)
        present = [] if group.is_deleted else await members.of_group(connection, group_id)
    return GroupSnapshot(
        group=state(group),
        is_deleted=group.is_deleted,
        members=roster(Circle.of(group, present)),
        facts=tuple(from_json(body) for body in bodies),
    )

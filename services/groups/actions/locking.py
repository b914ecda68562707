"""The beginning of every change."""

from uuid import UUID

from services.groups.domain.circles import Circle
from services.groups.errors import GroupNotFound
from services.groups.storage import groups, members
from shared.postgres.pool import Connection


async def lock_circle(connection: Connection, group_id: UUID) -> Circle:
    """The group and its members as they are until this transaction ends. Raises GroupNotFound.

    Members are read after the lock was won, by a statement of their own: one that had waited for
    the lock would show them as they were before the wait.
    """
    group = await groups.lock(connection, group_id)
    if group is None:
        raise GroupNotFound
    return Circle.of(group, await members.of_group(connection, group_id))

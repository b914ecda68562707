"""What a member may see. Who is not a member sees nothing, not even that it exists."""

from collections.abc import Callable
from uuid import UUID

from services.chat.domain.history import Slice
from services.chat.domain.messages import Message
from services.chat.domain.receipts import Reached
from services.chat.errors import GroupNotFound, MessageNotFound
from services.chat.storage import groups, messages
from shared.postgres.pool import Connection, Database


async def history(
    database: Database, group_id: UUID, user_id: str, choose: Callable[[int], Slice]
) -> tuple[list[Message], int]:
    """The slice that `choose` picks, given the group's last seq; and that last seq.

    Raises GroupNotFound.
    """
    async with database.connection() as connection:
        found = await groups.access(connection, group_id, user_id)
        if found is None or found["is_deleted"]:
            raise GroupNotFound(None if found else group_id)
        if not found["is_member"]:
            raise GroupNotFound(group_id)
        chosen = choose(found["last_seq"])
        if chosen.is_empty:
            return [], found["last_seq"]
        return await messages.page(connection, group_id, chosen.low, chosen.high), found["last_seq"]


async def message(database: Database, message_id: UUID, user_id: str) -> Message:
    """Raises MessageNotFound."""
    async with database.connection() as connection:
        group_id, seq = await _place(connection, message_id, user_id)
        [found] = await messages.page(connection, group_id, seq, seq)
        return found


async def reached(database: Database, message_id: UUID, user_id: str) -> tuple[int, list[Reached]]:
    """How many could have the message, and those who do. Raises MessageNotFound."""
    async with database.connection() as connection:
        group_id, seq = await _place(connection, message_id, user_id)
        [found] = await messages.page(connection, group_id, seq, seq)
        return found.total, await messages.reached(connection, group_id, seq)


async def _place(connection: Connection, message_id: UUID, user_id: str) -> tuple[UUID, int]:
    found = await messages.place(connection, message_id, user_id)
    if found is None or found["is_deleted"]:
        raise MessageNotFound
    if not found["is_member"]:
        raise MessageNotFound(found["group_id"])
    return found["group_id"], found["seq"]

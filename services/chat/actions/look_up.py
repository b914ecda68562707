"""What a member may see. Who is not a member sees nothing, not even that it exists."""

from collections.abc import Callable
from uuid import UUID

from services.chat.domain.history import Slice, Span
from services.chat.domain.messages import Message
from services.chat.domain.receipts import Reached
from services.chat.errors import GroupNotFound, MessageNotFound
from services.chat.storage import groups, messages
from shared.postgres.pool import Connection, Database


async def history(
    database: Database, group_id: UUID, user_id: str, choose: Callable[[Span], Slice]
) -> tuple[list[Message], Span]:
    """The slice that `choose` picks, given where the group's messages are; and where that is.

    Raises GroupNotFound.
    """
    async with database.connection() as connection:
        found = await groups.access(connection, group_id, user_id)
        if found is None or found["is_deleted"]:
            raise GroupNotFound(None if found else group_id)
        if not found["is_member"]:
            raise GroupNotFound(group_id)
        span = Span(found["last_seq"], found["floor_seq"])
        chosen = choose(span)
        if chosen.is_empty:
            return [], span
        return await messages.page(connection, group_id, chosen.low, chosen.high), span


async def message(database: Database, message_id: UUID, user_id: str) -> Message:
    """Raises MessageNotFound."""
    async with database.connection() as connection:
        group_id, seq = await _place(connection, message_id, user_id)
        return await _at(connection, group_id, seq)


async def reached(database: Database, message_id: UUID, user_id: str) -> tuple[int, list[Reached]]:
    """How many could have the message, and those who do. Raises MessageNotFound."""
    async with database.connection() as connection:
        group_id, seq = await _place(connection, message_id, user_id)
        found = await _at(connection, group_id, seq)
        return found.total, await messages.reached(connection, group_id, seq)


async def _at(connection: Connection, group_id: UUID, seq: int) -> Message:
    found = await messages.page(connection, group_id, seq, seq)
    if not found:
        # Older than what is kept, and removed since it was looked for.
        raise MessageNotFound
    return found[0]


async def _place(connection: Connection, message_id: UUID, user_id: str) -> tuple[UUID, int]:
    found = await messages.place(connection, message_id, user_id)
    if found is None or found["is_deleted"]:
        raise MessageNotFound
    if not found["is_member"]:
        raise MessageNotFound(found["group_id"])
    return found["group_id"], found["seq"]

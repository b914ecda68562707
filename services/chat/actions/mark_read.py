"""Reading."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from services.chat.actions.announce_receipts import announce
from services.chat.domain.receipts import Kind, Move
from services.chat.errors import MessageNotFound
from services.chat.storage import messages, pending_receipts, watermarks
from services.chat.storage.pending_receipts import Window
from services.chat.storage.watermarks import Reader
from shared.outbox.record import Outbox
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class ReadUpTo:
    group_id: UUID
    read_seq: int


async def mark_read(
    outbox: Outbox, moved: asyncio.Event, message_id: UUID, user_id: str
) -> ReadUpTo:
    """`user_id` has read the message and all before it in its group; never moves back.

    The senders learn of it by MessageDelivered, for what had not reached the reader before, and
    MessageRead. `moved` is rung where they are told later. Raises MessageNotFound.
    """
    async with outbox.transaction() as connection:
        reader = await watermarks.move_read(connection, message_id, user_id)
        if reader is None:
            raise MessageNotFound(await messages.group_of(connection, message_id))
        if reader.seq <= reader.read_seq:
            return ReadUpTo(reader.group_id, reader.read_seq)
        await _tell(connection, reader, user_id)
    if not reader.individual:
        moved.set()
    return ReadUpTo(reader.group_id, reader.seq)


async def _tell(connection: Connection, reader: Reader, user_id: str) -> None:
    whose = user_id if reader.individual else None
    moves = [Move(reader.group_id, "read", whose, reader.read_seq, reader.seq)]
    if reader.delivered_seq < reader.seq:
        moves.append(Move(reader.group_id, "delivered", whose, reader.delivered_seq, reader.seq))
    if reader.individual:
        # What was received, or read by an answer, and was not told yet: told later, it would step
        # back.
        moves += await pending_receipts.take_of(connection, reader.group_id, user_id)
        # Deliveries first: nobody reads what has not reached them.
        kinds: list[Kind] = sorted({move.kind for move in moves})
        windows = [Window(reader.group, kind, individual=True) for kind in kinds]
        await announce(connection, windows, moves, {user_id: reader.name})
    else:
        await pending_receipts.add(connection, moves)

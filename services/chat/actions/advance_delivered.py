"""Delivered watermarks."""

from collections.abc import Sequence

from services.chat.storage import pending_receipts, watermarks
from shared.events.notifier import Delivery
from shared.postgres.pool import Connection


async def advance_delivered(connection: Connection, deliveries: Sequence[Delivery]) -> bool:
    """Raise watermarks in the open transaction and note what moved, to be told to the senders.
    Tells whether anything did."""
    moves = await watermarks.advance_delivered(connection, deliveries)
    if moves:
        await pending_receipts.add(connection, moves)
    return bool(moves)

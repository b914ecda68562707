"""Delivered watermarks."""

import asyncio
from collections.abc import Sequence

from services.chat.storage import watermarks
from shared.events.notifier import Delivery
from shared.postgres.pool import Database


async def advance_delivered(
    database: Database, moved: asyncio.Event, deliveries: Sequence[Delivery]
) -> bool:
    """Raise watermarks, and ring `moved` if there is something to tell the senders of; answers
    whether there is.

    One statement says it all and commits by itself: BEGIN and COMMIT would be two more trips to
    the server for each batch. Raises DatabaseAway.
    """
    async with database.connection() as connection:
        anything_moved = await watermarks.advance_delivered(connection, deliveries)
    if anything_moved:
        moved.set()
    return anything_moved

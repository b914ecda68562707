"""The door for chat: is a message's content gone from here?"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from services.notifier.errors import DeletionUnknown
from services.notifier.keys import SERVICE_TOKENS
from services.notifier.storage import events
from services.notifier.streams.gathering import Gathering
from shared.postgres.pool import Database
from shared.web.pages import id_in_path

# Less than chat waits, so that it can tell a deletion that is late from a notifier that is silent.
KNOWN_SECONDS = 0.8
LOOK_SECONDS = 0.01
# Messages per statement.
TOGETHER = 100


class Deletions:
    """Looks for deletions in the table: one replica stores them, and any may be asked. However many
    wait, they take up one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looks = Gathering(self._look, together=TOGETHER, at_once=1)

    async def stored(self, message_id: UUID) -> None:
        """Return once the message's deletion is stored. Raises DatabaseAway."""
        # No event tells of it here: another replica may be the one that stores it.
        while not await self._looks.ask(message_id):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, message_ids: Sequence[UUID]) -> Sequence[bool]:
        async with self._database.connection() as connection:
            deleted = await events.deleted_among(connection, message_ids)
        return [message_id in deleted for message_id in message_ids]


DELETIONS = web.AppKey("deletions", Deletions)


async def known(request: web.Request) -> web.Response:
    """Answers once nothing that is read from here on shows what the message said, or with 404 when
    its deletion does not come soon."""
    request.app[SERVICE_TOKENS].check(request)
    message_id = id_in_path(request, "id")
    if message_id is None:
        raise DeletionUnknown
    try:
        async with asyncio.timeout(KNOWN_SECONDS):
            await request.app[DELETIONS].stored(message_id)
    except TimeoutError:
        raise DeletionUnknown from None
    return web.Response(status=204)

"""Telling chat that a group has changed, before the change is answered.

Chat keeps a copy of the memberships, which follows groups' facts. Without this word, who adds
somebody and sends a message at once would find that the message passed the newcomer by.
"""

import asyncio
import time
from uuid import UUID

import aiohttp

from shared.logs import get_logger
from shared.web.peer import Peer

log = get_logger(__name__)

# What a change may wait for chat. The fact is on its way in any case.
ANSWER_SECONDS = 1.0
# After silence chat is left alone for so long: one change waits in vain, not every one. Whoever
# refuses at once is asked again at once.
PAUSE_SECONDS = 2.0


class ChatClient:
    """Best effort: chat that is away, slow or failing delays a change a little and refuses none."""

    def __init__(self, chat: Peer) -> None:
        self._chat = chat
        self._silent_until = 0.0

    async def changed(self, group_id: UUID) -> None:
        """Return once chat knows of everything that was committed about the group, or once it has
        shown that it can't be told."""
        if time.monotonic() < self._silent_until:
            return
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                # PUT, because it is idempotent: aiohttp then tries again by itself when the
                # connection that it kept open turns out to have been closed.
                answer = await self._chat.call("PUT", f"/internal/v1/groups/{group_id}/changed")
            if answer.status != 204:
                raise aiohttp.ClientError(f"chat answered {answer.status}")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                self._silent_until = time.monotonic() + PAUSE_SECONDS
            log.warning("chat was not told", group_id=str(group_id), kind=type(error).__name__)

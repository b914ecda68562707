"""Having another service know of a change before the change is answered, if that can be had soon.

The fact of the change is on its way by the broker in any case. So a peer that is away, slow or
failing delays the answer a little, and never changes it.
"""

import asyncio
import time

import aiohttp

from shared.logs import get_logger
from shared.web.peer import Peer

log = get_logger(__name__)

# What a change may wait for the peer.
ANSWER_SECONDS = 1.0
# After silence the peer is left alone for so long: one change waits in vain, not every one. Whoever
# refuses at once is asked again at once.
PAUSE_SECONDS = 2.0


class BestEffort:
    """Calls to a peer, `name` in logs, that its caller does well without."""

    def __init__(self, peer: Peer, name: str) -> None:
        self._peer = peer
        self._name = name
        self._silent_until = 0.0

    async def call(self, method: str, path: str) -> None:
        """Return once the peer has answered, or once it has shown that it won't.

        The method should be idempotent: aiohttp then tries again by itself when the connection that
        it kept open turns out to have been closed.
        """
        if time.monotonic() < self._silent_until:
            return
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._peer.call(method, path)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                self._silent_until = time.monotonic() + PAUSE_SECONDS
            kind = type(error).__name__
            log.warning("peer gave no answer", peer=self._name, path=path, kind=kind)
        else:
            if answer.status != 204:
                log.warning("peer refused", peer=self._name, path=path, status=answer.status)

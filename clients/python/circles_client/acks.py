"""Telling the server what has arrived, a few times a second at most."""

import asyncio
from contextlib import suppress

from circles_client.calls import Calls
from circles_client.errors import CirclesError

_LAST_WORD_SECONDS = 2.0


class Acks:
    """Acknowledges the newest cursor it was given. One that fails is not repeated by itself: the
    next covers it, and so does the cursor of the next stream or poll."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._cursor: str | None = None
        self._task: asyncio.Task[None] | None = None

    def note(self, cursor: str) -> None:
        """Everything up to `cursor` has arrived."""
        self._cursor = cursor
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._later())

    async def close(self) -> None:
        """Say the last word; what can't be said within two seconds is left to the next run."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORD_SECONDS):
                await self._say()

    async def _later(self) -> None:
        while self._cursor is not None:
            await asyncio.sleep(self._calls.timing.ack)
            await self._say()

    async def _say(self) -> None:
        cursor = self._cursor
        if cursor is None or self._calls.is_closed:
            return
        with suppress(CirclesError):
            await self._calls.call("POST", "/v1/sse/ack", body={"cursor": cursor})
        if self._cursor == cursor:
            self._cursor = None

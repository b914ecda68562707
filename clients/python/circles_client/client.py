"""The client: one server, one user."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from types import AsyncGeneratorType, TracebackType
from typing import Self, cast

import aiohttp

from circles_client.calls import Calls
from circles_client.cursor_stores import CursorStore, MemoryCursor
from circles_client.events import Event, Notification
from circles_client.following import Following
from circles_client.groups import GroupCalls
from circles_client.inbox import InboxCalls
from circles_client.messages import MessageCalls
from circles_client.timing import Timing
from circles_client.tokens import Tokens, TokenSource


class Circles(GroupCalls, MessageCalls, InboxCalls):
    """Use it as an async context manager.

    `token` is a token, or an async function that gives one: it is asked again before the token
    ends and when it is refused. `cursor` keeps the place in the mailbox between runs. With `ack`
    an entry counts as delivered once it was handled here, else once the server has written it.
    `session` is used for all calls and left open.
    """

    def __init__(
        self,
        url: str,
        *,
        token: TokenSource,
        cursor: CursorStore | None = None,
        ack: bool = True,
        timing: Timing | None = None,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self.calls = Calls(url, Tokens(token), timing or Timing(), session)
        self._following = Following(self.calls, cursor or MemoryCursor(), ack)
        self._current: AsyncGeneratorType[Event, None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close(is_handled=error is None)

    async def close(self, is_handled: bool = True) -> None:
        """Save the place, say the last acknowledgement and close. Without `is_handled` the event
        that was given last is not counted: it comes again in the next run."""
        try:
            await self._following.close(is_handled)
        finally:
            await self.calls.close()

    async def events(self) -> AsyncGenerator[Event, None]:
        """All that happens, until the client is closed: notifications once and in order, `Reset`
        where something may be missing, and `StateChange`.

        An event is handled once you ask for the next. Stop, and iterate again later: it goes on
        behind the last one given, and ends the iteration before. Raises TokenRefused, and Problem
        for what no repetition helps; everything that may pass is waited for. Raises RuntimeError
        while another task waits for the next event.
        """
        if self._current is not None:
            if self._current.ag_running:
                raise RuntimeError("Another task is waiting for the next event of this client.")
            # After a `break` Python closes it some time later; it holds the stream.
            await self._current.aclose()
        self._current = cast("AsyncGeneratorType[Event, None]", self._following.events())
        async with aclosing(self._current) as events:
            async for event in events:
                yield event

    async def notifications(self) -> AsyncIterator[Notification]:
        """As `events`, for whom only notifications matter. A `Reset` is passed over: use it where
        `inbox()` is asked anyway, not to keep a copy."""
        async with aclosing(self.events()) as events:
            async for event in events:
                if isinstance(event, Notification):
                    yield event

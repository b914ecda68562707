"""Everything that happens, once and in order, whatever happens to the connections.

Two ways lead to the server, and one is used at a time: a stream, and long polls while streams are
held back somewhere. Both resume from the same place, so that changing over loses nothing; what
comes twice is dropped by its position.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from circles_client.acks import Acks
from circles_client.backoff import Backoff
from circles_client.calls import Calls, is_from_a_proxy
from circles_client.cursor_stores import CursorStore
from circles_client.errors import Problem, TokenRefused, Unreachable
from circles_client.event_stream import ServerEvent
from circles_client.events import Event, Notification, Reset, State, StateChange
from circles_client.fallback import Fallback
from circles_client.progress import Progress
from circles_client.stream import Ended, HeldBack, Stream, event_json, open_stream

# Streams in a row that were cut before anything came: then polls are tried.
_FRUITLESS = 3


class Following:
    """One at a time. An event counts as handled once the next one is asked for: then its place is
    saved and acknowledged."""

    def __init__(self, calls: Calls, store: CursorStore, ack: bool) -> None:
        self._calls = calls
        self._store = store
        self._ack = ack
        self._acks = Acks(calls)
        self._progress: Progress | None = None
        self._handled: str | None = None
        self._stream: Stream | None = None
        self._backoff = Backoff(calls.timing.retry, calls.timing.retry_at_most)
        self._fruitless = 0
        self._held_back = ""

    async def events(self) -> AsyncGenerator[Event, None]:
        """Ends with the client. Raises TokenRefused, Problem for a call that no repetition would
        help, and what the token function raises when there is no token at all."""
        if self._progress is None:
            self._handled = await self._store.load()
            self._progress = Progress(self._handled)
        progress = self._progress
        try:
            while not self._calls.is_closed:
                async with aclosing(self._streamed(progress)) as events:
                    async for event in events:
                        yield event
                async with aclosing(self._polled(progress)) as events:
                    async for event in events:
                        yield event
        finally:
            self._drop_stream()

    async def close(self, is_handled: bool) -> None:
        """`is_handled`: whether what was given last counts as handled."""
        self._drop_stream()
        if is_handled and self._progress is not None:
            await self._settle(self._progress)
        if self._ack:
            await self._acks.close()

    async def _streamed(self, progress: Progress) -> AsyncGenerator[Event, None]:
        """Events of streams, one after the other, until streams turn out to be held back."""
        while not self._calls.is_closed:
            try:
                if self._stream is None:
                    yield StateChange(State.CONNECTING)
                    self._stream = await open_stream(self._calls, progress.given, self._ack)
                stream = self._stream
                yield StateChange(State.STREAMING, unread=int(stream.connected.get("unread", 0)))
                async with aclosing(self._taken_from(stream, progress)) as events:
                    async for event in events:
                        yield event
                # Its token was renewed: at once again.
                continue
            except HeldBack as held:
                self._held_back = str(held)
                return
            except (Ended, Unreachable, Problem) as error:
                if not self._may_pass(error):
                    raise
                if self._stream is not None and self._stream.retry is not None:
                    # Said at the beginning, and perhaps anew as a good-bye.
                    self._backoff.asked = self._stream.retry
                why, wait = str(error), self._backoff.next(getattr(error, "retry_after", None))
            finally:
                self._drop_stream()
            if self._fruitless >= _FRUITLESS:
                self._fruitless = 0
                self._held_back = f"streams end before anything comes: {why}"
                return
            yield StateChange(State.WAITING, why, wait)
            await asyncio.sleep(wait)

    async def _polled(self, progress: Progress) -> AsyncGenerator[Event, None]:
        """Events of polls, until a stream gets through again or polls fail as well."""
        if self._calls.is_closed:
            return
        yield StateChange(State.POLLING, self._held_back)
        fallback = Fallback(self._calls, progress, self._ack)
        async with aclosing(fallback.events()) as events:
            async for event in events:
                yield event
                await self._settle(progress)
        self._stream = fallback.stream

    async def _taken_from(
        self, stream: Stream, progress: Progress
    ) -> AsyncGenerator[Notification | Reset, None]:
        """Returns when the stream should be opened again at once, for a new token."""
        progress.begins(stream.connected["cursor"], stream.connected["newest"])
        await self._settle(progress)
        tokens = self._calls.tokens
        while True:
            event = await stream.next(tokens.seconds_left())
            if event is None:
                if await tokens.current() != stream.token:
                    return
                continue
            self._backoff.succeeded()
            if event.name == "token_expired":
                ending = Problem(401, "token_expired", "The token has expired. Sign in again.")
                await tokens.replace(stream.token, ending)
                return
            if event.name == "closed":
                raise Ended(f"closed by the server: {event_json(event).get('reason')}")
            self._fruitless = 0
            if given := _given(event, progress):
                yield given
            await self._settle(progress)

    async def _settle(self, progress: Progress) -> None:
        """Save and acknowledge the place behind what was given."""
        cursor = progress.given
        if cursor is None or cursor == self._handled:
            return
        self._handled = cursor
        await self._store.save(cursor)
        if self._ack:
            self._acks.note(cursor)

    def _may_pass(self, error: Ended | Unreachable | Problem) -> bool:
        """Whether another stream may fare better; and whether this failure speaks against them."""
        if isinstance(error, Ended):
            if self._stream is None or not self._stream.is_proven:
                self._fruitless += 1
            return True
        if isinstance(error, Unreachable):
            return True
        if isinstance(error, TokenRefused):
            return False
        if is_from_a_proxy(error):
            self._fruitless += 1
            return True
        return error.is_passing

    def _drop_stream(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def _given(event: ServerEvent, progress: Progress) -> Notification | Reset | None:
    """What the user is told of this event, if anything. Raises Ended for what can't be read, and
    when heartbeats show that something is missing."""
    said = event_json(event)
    try:
        if event.name == "reset":
            reset = Reset.of(said)
            progress.restarts(reset.cursor)
            return reset
        progress.goes_on()
        if event.name == "notification":
            notification = Notification.of(said, event.cursor)
            return notification if progress.takes(event.cursor) else None
        if event.name == "heartbeat" and progress.misses(str(said["cursor"])):
            raise Ended("the stream lags behind the mailbox")
    except (KeyError, TypeError, ValueError) as error:
        raise Ended(f"the event `{event.name}` can't be read") from error
    return None

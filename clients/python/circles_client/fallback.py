"""Polls, with a look now and then whether streams get through again."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress

from circles_client.backoff import Backoff
from circles_client.calls import Calls
from circles_client.errors import CirclesError, Problem, TokenRefused, Unreachable
from circles_client.events import Notification, Reset, State, StateChange
from circles_client.polling import Answer, Polls
from circles_client.progress import Progress
from circles_client.stream import Ended, HeldBack, Stream, open_stream

# Failures in a row after which polls are no better than streams.
_HOPELESS = 3


class Fallback:
    """In the end `stream` is one that gets through, or None where polls fail as well."""

    def __init__(self, calls: Calls, progress: Progress, ack: bool) -> None:
        self.stream: Stream | None = None
        self._calls = calls
        self._progress = progress
        self._ack = ack
        self._polls = Polls(calls, ack)
        self._failures = 0
        self._probe: asyncio.Task[Stream | None] | None = None
        self._probe_wait = calls.timing.return_to_stream
        self._probe_at = asyncio.get_running_loop().time() + self._probe_wait

    async def events(self) -> AsyncGenerator[Notification | Reset | StateChange, None]:
        """Raises TokenRefused, and Problem for a call that no repetition would help."""
        backoff = Backoff(self._calls.timing.retry, self._calls.timing.retry_at_most)
        try:
            while not self._calls.is_closed:
                try:
                    answer = await self._next_answer()
                except (Unreachable, Problem) as error:
                    lasting = isinstance(error, Problem) and not error.is_passing
                    if lasting or isinstance(error, TokenRefused):
                        raise
                    self._failures += 1
                    if self._failures >= _HOPELESS:
                        return
                    wait = backoff.next(getattr(error, "retry_after", None))
                    yield StateChange(State.WAITING, str(error), wait)
                    await asyncio.sleep(wait)
                    continue
                if answer is None:
                    return
                if self._failures:
                    self._failures = 0
                    backoff.succeeded()
                    yield StateChange(State.POLLING)
                for event in self._new(answer):
                    yield event
                if not answer.notifications and self._polls.ended_early:
                    # A draining server ends polls, and so may anything on the way, at once.
                    await asyncio.sleep(backoff.asked)
        finally:
            await self._end_probe()

    def _new(self, answer: Answer) -> Iterator[Notification | Reset]:
        """What of it was not given before. Each is taken when its turn comes: the place moves with
        what was given, not with what is here."""
        if answer.reset is not None:
            self._progress.restarts(answer.reset.cursor)
            yield answer.reset
            return
        for notification in answer.notifications:
            if self._progress.takes(notification.cursor):
                yield notification
        if self._progress.given is None:
            self._progress.restarts(answer.cursor)

    async def _next_answer(self) -> Answer | None:
        """The next poll's answer; None once a stream gets through."""
        poll = asyncio.create_task(self._polls.ask(self._progress.given))
        try:
            while not poll.done():
                if self._probe is None and self._seconds_to_probe() <= 0:
                    self._probe = asyncio.create_task(self._proven_stream())
                waiting: set[asyncio.Task[Answer] | asyncio.Task[Stream | None]] = {poll}
                if self._probe is not None:
                    waiting.add(self._probe)
                timeout = self._seconds_to_probe() if self._probe is None else None
                await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                if not poll.done() and self._takes_stream():
                    return None
            return await poll
        finally:
            poll.cancel()
            with suppress(asyncio.CancelledError, CirclesError):
                await poll

    def _seconds_to_probe(self) -> float:
        return max(0.0, self._probe_at - asyncio.get_running_loop().time())

    def _takes_stream(self) -> bool:
        """Whether a look at streams has ended well. After another the next is later."""
        if self._probe is None or not self._probe.done():
            return False
        self.stream, self._probe = self._probe.result(), None
        if self.stream is None:
            self._probe_wait = min(self._probe_wait * 2, self._calls.timing.return_at_most)
            self._probe_at = asyncio.get_running_loop().time() + self._probe_wait
        return self.stream is not None

    async def _proven_stream(self) -> Stream | None:
        """A stream that brings a second event as well, or None. What it brings beyond what polls
        have given meanwhile is read from it later."""
        stream: Stream | None = None
        try:
            stream = await open_stream(self._calls, self._progress.given, self._ack)
            event = await stream.next()
            if event is not None and event.name in ("notification", "heartbeat"):
                stream.put_back(event)
                return stream
            # A reset is said again on a stream of its own; polls may have moved on since.
        except (Ended, HeldBack, CirclesError):
            pass
        except BaseException:
            if stream is not None:
                stream.close()
            raise
        if stream is not None:
            stream.close()
        return None

    async def _end_probe(self) -> None:
        if self._probe is None:
            return
        self._probe.cancel()
        with suppress(asyncio.CancelledError, Exception):
            if (stream := await self._probe) is not None:
                stream.close()

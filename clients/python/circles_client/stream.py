"""One event stream, from its opening to its end."""

import asyncio
import json
from collections import deque
from typing import Any

import aiohttp

from circles_client.calls import Calls
from circles_client.errors import words_of
from circles_client.event_stream import EventStreamParser, ServerEvent


class Ended(Exception):
    """The stream is over; another one will go on from the cursor."""


class HeldBack(Exception):
    """Streams don't get through: something on the way keeps what the server sends."""


class Stream:
    """Open, and its first event has come. `heartbeat` is the longest time between two of its
    signs of life, in seconds. `token` is the one that it was opened with."""

    def __init__(self, response: aiohttp.ClientResponse, silence: float) -> None:
        self.connected: dict[str, Any] = {}
        self.heartbeat = 30.0
        self.is_proven = False
        self.token = response.request_info.headers.get("Authorization", "").removeprefix("Bearer ")
        self._response = response
        self._silence = silence
        self._parser = EventStreamParser()
        self._ready: deque[ServerEvent] = deque()

    @property
    def retry(self) -> float | None:
        """How long the server wants us to wait before we come back, in seconds."""
        return None if self._parser.retry_ms is None else self._parser.retry_ms / 1000

    async def next(self, at_most: float = float("inf")) -> ServerEvent | None:
        """The next event; None when `at_most` seconds have passed. Raises Ended, and HeldBack for
        a stream that has never brought anything after its first event."""
        silence = self.heartbeat * self._silence + 1.0
        while not self._ready:
            wait = min(silence, at_most)
            try:
                async with asyncio.timeout(wait):
                    chunk = await self._response.content.readany()
            except TimeoutError:
                if wait < silence:
                    return None
                raise self._silent(silence) from None
            except (aiohttp.ClientError, OSError) as error:
                raise Ended(f"the connection broke: {words_of(error)}") from error
            if not chunk:
                raise Ended("the stream was closed")
            self._ready.extend(self._parser.feed(chunk))
        event = self._ready.popleft()
        # The first event is there when a proxy flushes once; a second shows that it goes on so.
        self.is_proven = self.is_proven or bool(self.connected)
        return event

    def put_back(self, event: ServerEvent) -> None:
        self._ready.appendleft(event)

    def close(self) -> None:
        self._response.close()

    def _silent(self, seconds: float) -> Exception:
        if self.is_proven:
            return Ended(f"nothing came for {seconds:.0f} s: the link is dead")
        return HeldBack(
            f"nothing came for {seconds:.0f} s after the beginning, though a sign of life is due "
            f"every {self.heartbeat:g} s"
        )


async def open_stream(calls: Calls, cursor: str | None, ack: bool) -> Stream:
    """A stream that resumes after `cursor`. Raises Ended, HeldBack, TokenRefused, Problem and
    Unreachable."""
    seconds = calls.timing.connect
    stream: Stream | None = None
    try:
        async with asyncio.timeout(seconds):
            stream = Stream(await _request(calls, cursor, ack), calls.timing.silence)
            _begin(stream, await stream.next())
            return stream
    except BaseException as error:
        if stream is not None:
            stream.close()
        if isinstance(error, TimeoutError):
            raise HeldBack(f"a stream did not begin within {seconds:g} s") from None
        raise


async def _request(calls: Calls, cursor: str | None, ack: bool) -> aiohttp.ClientResponse:
    # Compressed streams are held back until a block is full.
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
    query = {"ack": "client"} if ack else {}
    if cursor is not None:
        # In both: some proxies strip the header.
        headers["Last-Event-ID"] = cursor
        query["lastEventId"] = cursor
    response = await calls.open("GET", "/v1/sse/stream", query=query, headers=headers)
    if response.content_type != "text/event-stream":
        response.close()
        raise HeldBack(f"an answer of type {response.content_type} came instead of a stream")
    return response


def _begin(stream: Stream, first: ServerEvent | None) -> None:
    if first is None or first.name != "connected":
        raise Ended("the stream did not begin with `connected`")
    said = event_json(first)
    if not {"cursor", "newest"} <= said.keys():
        raise Ended("the stream's first event is not whole")
    stream.heartbeat = float(said.get("heartbeat", stream.heartbeat))
    stream.connected = said


def event_json(event: ServerEvent) -> dict[str, Any]:
    """The event's data. Raises Ended for what is no JSON object."""
    try:
        said = json.loads(event.data)
    except ValueError as error:
        raise Ended(f"the event `{event.name}` can't be read") from error
    if not isinstance(said, dict):
        raise Ended(f"the event `{event.name}` can't be read")
    return said

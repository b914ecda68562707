"""A stream as it comes off the wire, with the times at which things arrive."""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from circles_client.errors import words_of
from circles_client.event_stream import EventStreamParser

STREAM = "/v1/sse/stream"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event; `at` is on the monotonic clock, `wall` in epoch seconds."""

    name: str
    data: Any
    cursor: str
    at: float
    wall: float


class Wire:
    """`failure` says in a few words what became of it, when it did not open or has ended."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.failure = ""
        self.asked_at = time.monotonic()
        self.connected: Arrival | None = None
        self._response: aiohttp.ClientResponse | None = None
        self._parser = EventStreamParser()
        self._ready: deque[Arrival] = deque()

    @property
    def start(self) -> str:
        """The cursor at which it says that it begins."""
        return str(self.connected.data["cursor"]) if self.connected else ""

    @property
    def newest(self) -> str:
        return str(self.connected.data["newest"]) if self.connected else ""

    async def open(self, response: aiohttp.ClientResponse) -> None:
        self._response, self.status, self.headers = response, response.status, response.headers
        if response.status != 200:
            self.failure = f"{response.status} {response.reason}"
        elif not response.content_type.startswith("text/event-stream"):
            self.failure = f"an answer of type {response.content_type}"

    async def next(
        self, within: float, fits: Callable[[Arrival], bool] = lambda _: True
    ) -> Arrival | None:
        """The next event that fits; None when none came within so many seconds, or the stream has
        ended."""
        try:
            async with asyncio.timeout(within):
                while not self.failure:
                    while self._ready:
                        if fits(arrival := self._ready.popleft()):
                            return arrival
                    await self._read()
        except TimeoutError:
            pass
        return None

    async def _read(self) -> None:
        assert self._response is not None
        try:
            chunk = await self._response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            self.failure = f"the connection broke ({type(error).__name__})"
            return
        if not chunk:
            self.failure = "the stream was ended"
            return
        at, wall = time.monotonic(), time.time()
        try:
            for event in self._parser.feed(chunk):
                data = json.loads(event.data)
                self._ready.append(Arrival(event.name, data, event.cursor, at, wall))
        except ValueError:
            self.failure = "what came is no JSON"


@asynccontextmanager
async def opened(
    http: aiohttp.ClientSession,
    url: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    within: float,
) -> AsyncIterator[Wire]:
    """A stream whose first event has come within so many seconds, or one with a `failure`."""
    wire = Wire()
    response: aiohttp.ClientResponse | None = None
    try:
        async with asyncio.timeout(within):
            response = await http.get(url + STREAM, headers=headers, params=query)
            await wire.open(response)
    except TimeoutError:
        wire.failure = f"no answer within {within:g} s"
    except (aiohttp.ClientError, OSError) as error:
        wire.failure = f"no connection ({words_of(error)})"
    try:
        left = wire.asked_at + within - time.monotonic()
        wire.connected = await wire.next(left, lambda arrival: arrival.name == "connected")
        if wire.connected is None and not wire.failure:
            wire.failure = f"headers came, but no first event within {within:g} s"
        yield wire
    finally:
        if response is not None:
            response.close()

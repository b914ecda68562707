"""Streams without a client library, so that thousands of them share a process."""

import asyncio
from collections.abc import Callable
from functools import partial
from http import HTTPStatus

import aiohttp
from yarl import URL

from tests.faults.readers import READ_ENDED, StreamReader
from tests.faults.timeline import Timeline
from tests.fixtures.event_stream import EventStreamReader, StreamEvent

_TRY_AGAIN = {429, 502, 503, 504}


class _Wire(asyncio.Protocol):
    """One stream over HTTP/1.0, whose body comes as it is. `ended` has the answer's status."""

    def __init__(self, request: bytes, handle: Callable[[StreamEvent], None]) -> None:
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._request = request
        self._handle = handle
        self._head = b""
        self._status = 0
        self._events = EventStreamReader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._status:
            self._head, end, data = (self._head + data).partition(b"\r\n\r\n")
            if not end:
                return
            self._status = int(self._head.split()[1])
        if self._status == HTTPStatus.OK:
            for event in self._events.feed(data):
                self._handle(event)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(self._status)


class WireReader(StreamReader):
    """Comes back like the others. `served_at` is when its present stream had brought all that its
    mailbox held as the stream began, and 0 until then; what a crowd gets late says nothing of the
    system's other readers."""

    is_punctual = False

    def __init__(
        self, http: aiohttp.ClientSession, user_id: str, timeline: Timeline, url: str
    ) -> None:
        super().__init__(http, user_id, timeline)
        self.served_at = 0.0
        self._missed_up_to: int | None = None
        self._url = URL(url)

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        make = partial(_Wire, self._request(), self._take_event)
        transport, wire = await loop.create_connection(
            make, self._url.host or "", self._url.port or 0
        )
        try:
            status = await wire.ended
        finally:
            self.served_at, self._missed_up_to = 0.0, None
            transport.abort()
        self._timeline.failed(f"read: {status}" if status > HTTPStatus.OK else READ_ENDED)
        if status > HTTPStatus.OK and status not in _TRY_AGAIN:
            self.seen.unexpected.append(f"{status}, which no client tries again")

    def _take_event(self, event: StreamEvent) -> None:
        if event.name == "connected":
            self.seen.connections += 1
            self._missed_up_to = int(event.json["newest"].partition("-")[2])
        self._handle(event.name, event.json, event.last_event_id)
        missed = self._missed_up_to
        if missed is not None and self.seen.position >= missed:
            self.served_at = asyncio.get_running_loop().time()
            self._missed_up_to = None

    def _request(self) -> bytes:
        resuming = {"Last-Event-ID": self.seen.cursor} if self.seen.cursor else {}
        headers = {"Host": "localhost", **self.headers, **resuming}
        lines = ("GET /v1/sse/stream HTTP/1.0", *(f"{n}: {value}" for n, value in headers.items()))
        return "\r\n".join((*lines, "", "")).encode()

"""Many event streams in a process of their own, so that reading does not disturb sending.

A reader checks as it counts: positions in a mailbox must follow one another without a gap, or the
run is void.
"""

import asyncio
import multiprocessing
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection as Pipe

from yarl import URL

# The content of a benchmark's message is the time at which it was due, in monotonic nanoseconds.
_NEW_MESSAGE = re.compile(rb'"type":"message\.new".*?"content":"(\d+)"')
_POSITION = re.compile(rb"(?:^|\n)id: e\d+-(\d+)\nevent: (\w+)\n")
CONNECT_AT_ONCE = 100


@dataclass
class Received:
    """What all streams of a process received; latencies are in seconds."""

    messages: int = 0
    gaps: int = 0
    lost_streams: int = 0
    latencies: list[float] = field(default_factory=list)


class _Stream(asyncio.Protocol):
    """One stream over HTTP/1.0, whose body comes as it is, without chunk sizes in between."""

    def __init__(self, request: bytes, received: Received) -> None:
        self._request = request
        self._received = received
        self._rest = b""
        self._position: int | None = None
        self.connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        whole, separator, self._rest = (self._rest + data).rpartition(b"\n\n")
        block = whole + separator
        for position, event in _POSITION.findall(block):
            self._advance(int(position), event)
        for due in _NEW_MESSAGE.findall(block):
            self._received.messages += 1
            self._received.latencies.append((now - int(due)) / 1e9)

    def _advance(self, position: int, event: bytes) -> None:
        if event == b"connected":
            self._position = position
            if not self.connected.done():
                self.connected.set_result(None)
        elif event == b"notification":
            if self._position is not None and position != self._position + 1:
                self._received.gaps += 1
            self._position = position

    def connection_lost(self, exc: Exception | None) -> None:
        self._received.lost_streams += 1
        if not self.connected.done():
            self.connected.set_exception(ConnectionError("the stream was refused"))


def _request(url: URL, token: str) -> bytes:
    lines = (f"GET {url.path} HTTP/1.0", f"Host: {url.host}", f"Authorization: Bearer {token}")
    return "\r\n".join((*lines, "", "")).encode()


def _itself(stream: _Stream) -> _Stream:
    return stream


async def _read(pipe: Pipe, url: URL, tokens: Sequence[str]) -> None:
    received = Received()
    loop = asyncio.get_running_loop()
    transports: list[asyncio.Transport] = []
    host, port = url.host or "127.0.0.1", url.port or 80
    for start in range(0, len(tokens), CONNECT_AT_ONCE):
        opened = []
        for token in tokens[start : start + CONNECT_AT_ONCE]:
            stream = _Stream(_request(url, token), received)
            transport, _ = await loop.create_connection(partial(_itself, stream), host, port)
            transports.append(transport)
            opened.append(stream.connected)
        await asyncio.gather(*opened)
    pipe.send("open")
    while not await loop.run_in_executor(None, pipe.poll, 0.2):
        pass
    lost = received.lost_streams
    for transport in transports:
        transport.abort()
    received.lost_streams = lost
    pipe.send(received)


def _main(pipe: Pipe, url: str, tokens: Sequence[str]) -> None:
    asyncio.run(_read(pipe, URL(url), tokens))


class Readers:
    """Streams that are open; `finish` closes them and tells what came."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def finish(self) -> Received:
        self._pipe.send("stop")
        received = self._pipe.recv()
        assert isinstance(received, Received)
        return received


@contextmanager
def reading(url: str, tokens: Sequence[str]) -> Iterator[Readers]:
    """One stream for each of `tokens`, all connected when the block begins."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_main, args=(theirs, url, tokens), daemon=True)
    process.start()
    try:
        if not ours.poll(120):
            raise TimeoutError("the streams did not open within two minutes")
        ours.recv()
        yield Readers(ours)
    finally:
        process.kill()
        process.join()

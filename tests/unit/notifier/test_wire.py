"""The way to a client: nothing overtakes, nothing is lost, nothing goes to somebody else."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

import pytest

from services.notifier.streams.wire import Wire, WireGone

BIG = b"x" * 1_000_000


@dataclass
class Line:
    """A wire, its transport, and the socket at the client's end."""

    wire: Wire
    transport: asyncio.Transport
    client: socket.socket

    async def received(self, size: int) -> bytes:
        found = bytearray()
        async with asyncio.timeout(10):
            while len(found) < size:
                more = await asyncio.get_running_loop().sock_recv(self.client, 65536)
                assert more, "the line closed early"
                found += more
        return bytes(found)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    ours, client = socket.socketpair()
    client.setblocking(False)
    made, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    transport = cast(asyncio.Transport, made)
    yield Line(Wire(transport), transport, client)
    transport.abort()
    client.close()


async def test_what_the_kernel_takes_is_sent_at_once(line: Line) -> None:
    assert line.wire.write(b"hello") == 0
    assert line.client.recv(100) == b"hello"


async def test_what_the_kernel_does_not_take_is_queued_and_nothing_overtakes_it(line: Line) -> None:
    parts = [bytes([number]) * 300_000 for number in range(10)]
    queued = [line.wire.write(part) for part in parts]
    assert queued[-1] > 0
    assert line.wire.queued == queued[-1]
    assert await line.received(3_000_000) == b"".join(parts)
    assert line.wire.queued == 0
    assert line.wire.write(b"again") == 0
    assert await line.received(5) == b"again"


async def test_frames_follow_what_the_transport_was_given(line: Line) -> None:
    line.transport.write(BIG)
    line.wire.write(b"after")
    assert await line.received(len(BIG) + 5) == BIG + b"after"


async def test_nothing_is_written_to_a_closed_line_whose_number_another_has(line: Line) -> None:
    number = line.transport.get_extra_info("socket").fileno()
    reading, writing = os.pipe()
    line.transport.abort()
    # As the kernel does it once the line is gone.
    await asyncio.sleep(0.05)
    os.dup2(writing, number)
    try:
        with pytest.raises(WireGone):
            line.wire.write(b"for somebody else")
        os.set_blocking(reading, False)
        with pytest.raises(BlockingIOError):
            os.read(reading, 100)
    finally:
        for descriptor in (reading, writing, number):
            os.close(descriptor)


async def test_a_client_that_went_is_told_of(line: Line) -> None:
    line.client.close()
    with pytest.raises(WireGone):
        for _ in range(100):
            line.wire.write(b"is anybody there?")
            await asyncio.sleep(0.01)

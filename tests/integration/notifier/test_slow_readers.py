"""A reader that does not read costs its own stream only."""

import asyncio
import socket

import pytest

from tests.builders import a_group, a_message_sent
from tests.fixtures.event_stream import EventStreamReader
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Start, Stored, Told

# So small that a few messages fill them.
BUFFER = 4096
LARGE = "😀" * 5000


def small_listener(host: str, port: int, family: socket.AddressFamily) -> socket.socket:
    """A listening socket whose connections hold little unsent."""
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    made.bind((host, port))
    return made


class SlowReader:
    """A client that opens a stream and reads only when it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, replica: Replica, user_id: str) -> "SlowReader":
        url = replica.client.make_url("/v1/sse/stream")
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, (url.host, url.port))
        reader, writer = await asyncio.open_connection(sock=made, limit=BUFFER)
        headers = {**replica.person(user_id).headers, "Host": "localhost"}
        lines = [f"{name}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join(["GET /v1/sse/stream HTTP/1.0", *lines]) + "\r\n\r\n").encode())
        await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    async def rest(self) -> EventStreamReader:
        """What still comes until the connection is gone."""
        events = EventStreamReader()
        try:
            while chunk := await self._reader.read(BUFFER):
                self.names = [event.name for event in events.feed(chunk)]
        except ConnectionResetError:
            pass
        self._writer.close()
        return events


@pytest.mark.parametrize(
    "bound", [{"slow_reader_frames": 10}, {"slow_reader_seconds": 0.2}], ids=["frames", "seconds"]
)
async def test_a_slow_reader_is_cut_off_and_loses_nothing(
    start: Start, tell: Told, bound: dict[str, float]
) -> None:
    replica = await start(socket_factory=small_listener, **bound)
    group, count = a_group(), 25
    slow = await SlowReader.open(replica, "bob")
    await eventually(lambda: replica.streams == 1)
    async with replica.person("carol").listening() as brisk:
        for seq in range(1, count + 1):
            await tell(a_message_sent(group, seq, LARGE, to=("bob", "carol")))
            await brisk.take(1)
        await eventually(lambda: replica.streams == 1)
    seen = (await slow.rest()).last_event_id
    first = int(seen.partition("-")[2] or 0) + 1
    assert first <= count
    async with (await start()).person("bob").listening(seen) as again:
        got = await again.take(count - first + 1)
    assert [entry["id"] for entry in got] == [str(seq) for seq in range(first, count + 1)]


async def test_a_reader_who_catches_up_slowly_is_given_all_of_it(
    start: Start, tell: Told, stored: Stored
) -> None:
    replica = await start(
        socket_factory=small_listener, slow_reader_frames=120, slow_reader_seconds=60
    )
    group, count = a_group(), 300
    await tell(*(a_message_sent(group, seq, "x" * 2000) for seq in range(1, count + 1)))
    # What came while they catch up would be pushed on top of what they have not read yet.
    await stored("bob", count)
    async with replica.person("bob").listening("0") as stream:
        got = await stream.take(count)
    assert [entry["id"] for entry in got] == [str(seq) for seq in range(1, count + 1)]

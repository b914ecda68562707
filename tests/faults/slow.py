"""Readers who don't read: cut off after their bound, and they lose nothing."""

import asyncio
import socket

import aiohttp
from yarl import URL

from tests.faults.readers import StreamReader
from tests.faults.scene import Bite, Scene
from tests.faults.timeline import Timeline
from tests.faults.traffic import Size
from tests.fixtures.event_stream import EventStreamReader

# The kernel keeps up to 4 MB for a reader before the notifier itself has to: long messages, for
# long enough.
STALL_SECONDS = 11.0
SIZES = (Size(1, 12, 4, 1, 4, filling=4900),)
SLOW = 4


class SlowReader(StreamReader):
    """Opens a stream, says nothing for a while and reads nothing; then reads what is left of it,
    and comes back like everybody else. What it gets late is its own doing."""

    is_punctual = False

    def __init__(
        self, http: aiohttp.ClientSession, user_id: str, timeline: Timeline, replica: str
    ) -> None:
        """`replica` is the notifier's own address: behind a gateway its buffers fill first."""
        super().__init__(http, user_id, timeline)
        self.cut_off = False
        self._replica = URL(replica)
        self._has_stalled = False

    async def connect(self) -> None:
        if self._has_stalled:
            await super().connect()
            return
        self._has_stalled = True
        reader, writer = await self._open()
        events = EventStreamReader()
        try:
            # One chunk: `connected`, and what came with it.
            chunk = await reader.readuntil(b"event: connected")
            chunk += await reader.readuntil(b"\n\n")
            for event in events.feed(chunk.partition(b"\r\n\r\n")[2]):
                self._handle(event.name, event.json, event.last_event_id)
            await asyncio.sleep(STALL_SECONDS)
            async with asyncio.timeout(2.0):
                while chunk := await reader.read(65_536):
                    for event in events.feed(chunk):
                        self._handle(event.name, event.json, event.last_event_id)
            self.cut_off = True
        except ConnectionError:
            self.cut_off = True
        finally:
            writer.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection with the smallest buffers there are, at both ends."""
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        raw.setblocking(False)
        host, port = self._replica.host or "", self._replica.port or 0
        await asyncio.get_running_loop().sock_connect(raw, (host, port))
        reader, writer = await asyncio.open_connection(sock=raw, limit=4096)
        request = f"GET /v1/sse/stream HTTP/1.0\r\nHost: {host}\r\n"
        request += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        writer.write(f"{request}\r\n".encode())
        return reader, writer


async def stall(scene: Scene) -> Bite:
    """Some of a busy group stop reading; the others must not notice."""
    [group, *_] = scene.traffic.groups
    replicas = [scene.stack.own_url(name) for name in scene.stack.of("notifier")]
    slow = [
        SlowReader(scene.traffic.http, user_id, scene.timeline, replicas[n % len(replicas)])
        for n, user_id in enumerate(group.member_ids[4 : 4 + SLOW])
    ]
    late = scene.timeline.late["stream"]
    scene.timeline.strike()
    await scene.traffic.add(*slow)
    await scene.goes_on(STALL_SECONDS - 0.5)
    if waited := scene.timeline.late["stream"] - late:
        scene.broken.append(f"{waited} messages came late to those who read")
    scene.timeline.lift()
    await scene.goes_on(3.0)
    return {"readers cut off": sum(reader.cut_off for reader in slow)}

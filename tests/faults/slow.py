"""Readers who don't read: cut off after their bound, and they lose nothing."""

import asyncio
import socket
from collections.abc import Sequence
from http import HTTPStatus

import aiohttp
from yarl import URL

from launcher.errors import LaunchError
from tests.faults.memory import sampled
from tests.faults.readers import StreamReader
from tests.faults.scene import Bite, Scene
from tests.faults.senders import WIDE, Post, Senders
from tests.faults.sockets import watched
from tests.faults.timeline import Timeline
from tests.faults.traffic import Group, Size
from tests.fixtures.event_stream import EventStreamReader

STALL_SECONDS = 11.0
# Of 200 people 160 read, and 10 more have streams that they don't read; messages to all are long,
# and few.
LONG = 4900
SIZES = (Size(1, 200, 160, 0, 1, filling=LONG), Size(10, 2, 2, 0, 3))
SLOW = 10
# Only those who don't read are sent so much: less than the 500 entries past which a stream says
# `reset`.
FLOOD_PER_SECOND, FLOOD_SECONDS = 40.0, 9.0
# The contract: what is kept for a reader, and for how long (`services/notifier/settings.py`). The
# sweep comes by every half second.
MAX_FRAMES, MAX_SECONDS, SWEEP_SECONDS = 256, 5.0, 0.5
# On a machine that does more than this.
CUT_OFF_SECONDS = MAX_SECONDS + 5.0
FRAME_BYTES = LONG * len(WIDE.encode()) + 600
# Whichever end comes first.
MOST_FRAMES = min(MAX_FRAMES, FLOOD_PER_SECOND * (MAX_SECONDS + SWEEP_SECONDS))
# What is let go of comes back to the system in pieces.
ALLOCATED = 1.3
MOST_MEGABYTES = SLOW * MOST_FRAMES * FRAME_BYTES / 1e6 * ALLOCATED


class SlowReader(StreamReader):
    """Opens a stream, says nothing for a while and reads nothing; then reads what is left of it,
    and comes back like everybody else. What it gets late is its own doing."""

    is_punctual = False

    def __init__(
        self, http: aiohttp.ClientSession, user_id: str, timeline: Timeline, replica: str
    ) -> None:
        """`replica` is the notifier's own address: behind a gateway its buffers fill first."""
        super().__init__(http, user_id, timeline)
        # Of this end, while it stalls.
        self.port = 0
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
        self.port = raw.getsockname()[1]
        reader, writer = await asyncio.open_connection(sock=raw, limit=4096)
        request = f"GET /v1/sse/stream HTTP/1.0\r\nHost: {host}\r\n"
        request += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        writer.write(f"{request}\r\n".encode())
        return reader, writer


async def stall(scene: Scene) -> Bite:
    """One in seventeen of a busy group stops reading, all of them at one replica, and is sent a
    flood; the others must not notice, nor the replica's memory."""
    [group, *_] = scene.traffic.groups
    name = scene.stack.of("notifier")[0]
    replica = URL(scene.stack.own_url(name))
    ids = group.member_ids[SIZES[0].streams : SIZES[0].streams + SLOW]
    flood = await _flood(scene, ids)
    slow = [SlowReader(scene.traffic.http, id_, scene.timeline, str(replica)) for id_ in ids]
    late = scene.timeline.late["stream"]
    scene.timeline.strike()
    await scene.traffic.add(*slow)
    async with (
        sampled(lambda: [scene.stack.process(name).pid]) as memory,
        watched((replica.port or 0, reader.port) for reader in slow) as outgoing,
    ):
        writing = asyncio.create_task(flood.run())
        await scene.goes_on(FLOOD_SECONDS)
        flood.stop()
        await writing
        await scene.goes_on(STALL_SECONDS - FLOOD_SECONDS - 0.5)
    if waited := scene.timeline.late["stream"] - late:
        scene.broken.append(f"{waited} messages came late to those who read")
    scene.timeline.lift()
    kept = [seconds for each in outgoing if (seconds := each.seconds_to_cut_off) is not None]
    _judge(scene, kept, memory.grown)
    await scene.goes_on(3.0)
    return {
        "readers cut off": len(kept),
        "tenths of a second from full to cut off, at most": round(10 * max(kept, default=0)),
    }


def _judge(scene: Scene, kept: Sequence[float], megabytes: float) -> None:
    if len(kept) < SLOW:
        scene.broken.append(f"{SLOW - len(kept)} readers who don't read were not cut off")
    if kept and max(kept) > CUT_OFF_SECONDS:
        scene.broken.append(f"a reader who took nothing was kept for {max(kept):.1f} s")
    if megabytes > MOST_MEGABYTES:
        scene.broken.append(
            f"the notifier grew by {megabytes:.0f} MB for {SLOW} readers who don't read,"
            f" more than {MOST_MEGABYTES:.0f}"
        )


async def _flood(scene: Scene, ids: Sequence[str]) -> Senders:
    """Somebody who writes long messages to these alone; counted with the other senders."""
    writer = f"{ids[0]}-writer"
    answer = await scene.traffic.person(writer).post(
        "/v1/groups", {"name": "Flood", "memberIds": list(ids)}
    )
    if answer.status != HTTPStatus.CREATED:
        raise LaunchError(f"no group for the flood: {answer.status} {answer.body}")
    group = Group(answer.body["id"], (writer, *ids))
    scene.traffic.groups.append(group)
    posts = [Post(writer, group.id, LONG)]
    senders = Senders(scene.traffic.http, posts, FLOOD_PER_SECOND, scene.timeline)
    senders.sent = scene.traffic.senders.sent
    return senders

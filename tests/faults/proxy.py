"""A TCP proxy on loopback that can lose what it carries, in the ways in which networks do.

`blackhole`, `half_open` and `reset` break the connections that exist; new ones pass, as after a
firewall that forgot its state. `refusing` and `swallowing` let no new ones pass either, while their
block lasts. Each way tells how many connections it broke.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from launcher.ports import free_port

CHUNK = 65_536
DIAL_SECONDS = 2.0
# SO_LINGER of no length: closing sends RST, and no FIN.
_AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class _Carried:
    """One connection: towards the client, and towards the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_passing: bool = True

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what comes, for as long as it passes; then read on and say nothing of it."""
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.is_passing:
                    writer.write(data)
                    await writer.drain()
        if self.is_passing:
            writer.close()


class Proxy:
    """Carries `port` to the first of `targets` that takes a connection."""

    def __init__(self, targets: Sequence[int]) -> None:
        self.port = free_port()
        self.opened = 0
        self.swallowed = 0
        self._targets = targets
        self._carried: set[_Carried] = set()
        self._swallowed: set[asyncio.StreamWriter] = set()
        self._is_swallowing = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        """Listening while the block lasts; at its end every connection ends."""
        await self._listen()
        try:
            yield self
        finally:
            self._close()
            # Again, for one that was dialling meanwhile.
            while self._tasks:
                self.reset()
                await asyncio.wait(self._tasks, timeout=0.1)

    def blackhole(self) -> int:
        """Accept and swallow what both sides say. Neither is told, not even when the other ends."""
        passing = [carried for carried in self._carried if carried.is_passing]
        for carried in passing:
            carried.is_passing = False
        return len(passing)

    def half_open(self) -> int:
        """Servers see their clients go; clients see nothing, and are never answered."""
        passing = [carried for carried in self._carried if carried.is_passing]
        for carried in passing:
            carried.is_passing = False
            _reset(carried.server)
        return len(passing)

    def reset(self) -> int:
        """RST to both sides."""
        carried_now = list(self._carried)
        for carried in carried_now:
            _reset(carried.client)
            _reset(carried.server)
        for client in self._swallowed:
            _reset(client)
        return len(carried_now) + len(self._swallowed)

    @asynccontextmanager
    async def refusing(self) -> AsyncIterator[int]:
        """Nobody listens, and connections that exist are reset."""
        self._close()
        try:
            yield self.reset()
        finally:
            await self._listen()

    @asynccontextmanager
    async def swallowing(self) -> AsyncIterator[int]:
        """A black hole for connections that exist, and for new ones. None of them ever heals."""
        self._is_swallowing = True
        try:
            yield self.blackhole()
        finally:
            self._is_swallowing = False

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "called by the server, in a task of its own"
        self._tasks.add(task)
        try:
            await (self._swallow if self._is_swallowing else self._carry)(reader, client)
        finally:
            self._tasks.discard(task)
            client.close()

    async def _carry(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        dialled = await self._dial()
        if dialled is None:
            _reset(client)
            return
        answers, server = dialled
        carried = _Carried(client, server)
        self._carried.add(carried)
        self.opened += 1
        try:
            await asyncio.gather(carried.pump(reader, server), carried.pump(answers, client))
        finally:
            self._carried.discard(carried)
            server.close()

    async def _swallow(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self._swallowed.add(client)
        self.swallowed += 1
        try:
            with suppress(OSError):
                while await reader.read(CHUNK):
                    pass
        finally:
            self._swallowed.discard(client)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._targets:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(DIAL_SECONDS):
                    return await asyncio.open_connection("127.0.0.1", port)
        return None


def _reset(writer: asyncio.StreamWriter) -> None:
    if not writer.transport.is_closing():
        peer: socket.socket = writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        writer.transport.abort()

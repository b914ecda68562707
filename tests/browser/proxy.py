"""A proxy between browser and gateway that holds streams back, or cuts what it carries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 65_536
_STREAM = b"GET /v1/sse/stream"


class Proxy:
    """Carries connections of HTTP/1.1 to a port on this machine. While `buffers` is true, as those
    proxies do that pass an answer on when it is complete: a stream never begins."""

    def __init__(self, target: int) -> None:
        self.buffers = False
        self.url = ""
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._carried: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            # Again, for one that was dialling meanwhile: an open page comes back at once.
            while self._carried:
                self.cut()
                await asyncio.wait(self._carried, timeout=0.1)

    def cut(self) -> None:
        """End every connection there is, in the middle of whatever it is at."""
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "called by the server, in a task of its own"
        self._carried.add(task)
        with suppress(OSError):
            await self._carry(reader, client)
        client.transport.abort()
        self._carried.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {client, server}
        held = asyncio.Event()

        async def ask() -> None:
            while data := await reader.read(CHUNK):
                # A browser sends the next request when the answer to the last one is complete.
                if data.startswith(_STREAM) and self.buffers:
                    held.set()
                server.write(data)
                await server.drain()

        async def answer() -> None:
            while data := await answers.read(CHUNK):
                if not held.is_set():
                    client.write(data)
                    await client.drain()

        try:
            pumps = [asyncio.create_task(ask()), asyncio.create_task(answer())]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            server.transport.abort()
            self._writers -= {client, server}

"""The proxy loses what it is told to lose: otherwise a scenario would prove nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.faults.proxy import Proxy


class Clients:
    """Of a proxy in front of a server that says everything back."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.writers: list[asyncio.StreamWriter] = []

    async def connect(self) -> "Client":
        reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.port)
        self.writers.append(writer)
        return Client(reader, writer)


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def is_answered(self) -> bool:
        """Raises when the connection was reset."""
        self._writer.write(b"?")
        try:
            async with asyncio.timeout(0.2):
                return await self._reader.readexactly(1) == b"?"
        except TimeoutError:
            return False


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(100):
            writer.write(data)
    writer.close()


@pytest.fixture
async def clients() -> AsyncIterator[Clients]:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with Proxy([server.sockets[0].getsockname()[1]]).running() as proxy:
        made = Clients(proxy)
        yield made
        for writer in made.writers:
            writer.close()
    server.close()


async def test_who_is_refused_keeps_no_old_connection_and_gets_no_new_one(clients: Clients) -> None:
    old = await clients.connect()
    assert await old.is_answered()
    async with clients.proxy.refusing() as broken:
        assert broken == 1
        with pytest.raises(ConnectionRefusedError):
            await clients.connect()
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await old.is_answered()
    assert await (await clients.connect()).is_answered()


async def test_a_black_hole_takes_in_new_connections_and_never_answers_them(
    clients: Clients,
) -> None:
    old = await clients.connect()
    assert await old.is_answered()
    async with clients.proxy.swallowing() as broken:
        new = await clients.connect()
        assert not await old.is_answered()
        assert not await new.is_answered()
    assert (broken, clients.proxy.swallowed) == (1, 1)
    assert not await old.is_answered()
    assert not await new.is_answered()
    assert await (await clients.connect()).is_answered()

"""What a server does for itself, whoever calls."""

import asyncio
import socket

import pytest
from aiohttp import web

from shared.web import server
from tests.fixtures.waiting import eventually

LARGE = b"a" * 2**25


async def large(_: web.Request) -> web.Response:
    return web.Response(body=LARGE)


async def test_an_answer_that_nobody_takes_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SEND_SECONDS", 0.5)
    app = web.Application()
    app.router.add_get("/", large)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    # More than lies between the two, so that the rest waits in the server's memory.
    listening = server.listening("127.0.0.1", 0)
    await web.SockSite(runner, listening).start()
    client = socket.create_connection(listening.getsockname())
    try:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

        async def held() -> bool:
            return runner.server is not None and len(runner.server.connections) == 1

        async def given_up() -> bool:
            return runner.server is not None and not runner.server.connections

        await eventually(held)
        await asyncio.get_running_loop().run_in_executor(None, client.recv, 1)
        await eventually(given_up, seconds=15)
    finally:
        client.close()
        await runner.cleanup()

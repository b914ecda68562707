"""A service that was told to stop: whoever is connected is answered, and told to come elsewhere."""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from launcher.paths import ROOT
from launcher.ports import free_port
from shared.web import server
from tests.fixtures.waiting import eventually

CADDYFILE = ROOT / "gateway" / "Caddyfile"
_REQUEST = b"POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 1\r\n\r\n7"


@pytest.fixture
async def stop(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    monkeypatch.setattr(server, "LEAVING_SECONDS", 0.3)
    return asyncio.Event()


@pytest.fixture
async def url(stop: asyncio.Event) -> AsyncIterator[str]:
    """A service with one door, which takes what is sent to it."""

    async def door(request: web.Request) -> web.Response:
        return web.json_response(await request.json())

    app = web.Application()
    app.router.add_post("/", door)
    port = free_port()
    running = asyncio.create_task(
        server.serving(app, "127.0.0.1", port, stop, handler_cancellation=False)
    )
    yield f"http://127.0.0.1:{port}"
    stop.set()
    await running


async def test_a_request_on_an_open_connection_is_answered_and_is_its_last(
    url: str, stop: asyncio.Event
) -> None:
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(url, connector=connector) as http:

        async def listens() -> bool:
            try:
                async with http.post("/", json=0) as answer:
                    return answer.ok
            except aiohttp.ClientConnectionError:
                return False

        await eventually(listens)
        stop.set()
        for number in (1, 2):
            async with http.post("/", json=number) as answer:
                assert await answer.json() == number
                assert answer.headers["Connection"] == "close"


async def test_a_request_on_a_connection_that_was_just_opened_is_answered(
    url: str, stop: asyncio.Event
) -> None:
    where = URL(url)

    async def opens() -> bool:
        try:
            _, writer = await asyncio.open_connection(where.host, where.port)
        except ConnectionError:
            return False
        writer.close()
        return True

    async def refuses() -> bool:
        return not await opens()

    await eventually(opens)
    reader, writer = await asyncio.open_connection(where.host, where.port)
    stop.set()
    await eventually(refuses)
    writer.write(_REQUEST)
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nConnection: close\r\n" in answer
    writer.close()


_SERVICE = """
import sys
from aiohttp import web
from shared.web.server import serve

async def door(request):
    return web.json_response(await request.json())

app = web.Application()
app.router.add_post("/", door)
serve(app, "127.0.0.1", int(sys.argv[1]))
"""


async def test_who_was_let_in_is_answered_however_many_come() -> None:
    """Each on a connection of its own, as fast as they can, while the service stops; on the loop
    that serves in earnest, which accepts as no other does."""
    port = free_port()
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVICE, str(port), cwd=ROOT
    )
    outcomes: Counter[str] = Counter()

    async def call_until_refused() -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                return
            try:
                writer.write(_REQUEST)
                outcomes["answered" if await reader.read() else "lost"] += 1
            except ConnectionResetError:
                outcomes["lost"] += 1
            writer.close()

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return False
        writer.close()
        return True

    await eventually(listens)
    async with asyncio.TaskGroup() as callers:
        for _ in range(30):
            callers.create_task(call_until_refused())
        service.terminate()
    assert await service.wait() == 0
    # One of thousands may still come in the microseconds of the closing itself; else some twenty.
    assert outcomes["lost"] <= 2, outcomes
    assert outcomes["answered"] > 30


def test_the_gateway_lets_go_of_what_it_does_not_use_before_a_service_does() -> None:
    [milliseconds] = re.findall(r"\bkeepalive (\d+)ms\n", CADDYFILE.read_text())
    assert int(milliseconds) / 1000 < server.LEAVING_SECONDS + server.REFUSING_SECONDS

"""A service that was told to stop: whoever is connected is answered, and told to come elsewhere."""

import asyncio
import re
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
    writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n\r\n7")
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nConnection: close\r\n" in answer
    writer.close()


def test_the_gateway_lets_go_of_what_it_does_not_use_before_a_service_does() -> None:
    [milliseconds] = re.findall(r"\bkeepalive (\d+)ms\n", CADDYFILE.read_text())
    assert int(milliseconds) / 1000 < server.LEAVING_SECONDS + server.REFUSING_SECONDS

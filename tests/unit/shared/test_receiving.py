"""When a call is answered: not before all of its body is there."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from shared.web import bodies
from shared.web.bodies import MAX_BODY
from shared.web.problems import HttpProblem, problems
from shared.web.receiving import answer_last

Client = TestClient[web.Request, web.Application]


async def refuses(_: web.Request) -> web.Response:
    raise HttpProblem(401, "token_missing", "Sign in.")


async def streams(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"open")
    return response


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[answer_last, problems], client_max_size=MAX_BODY)
    app.add_routes([web.post("/refuses", refuses), web.post("/streams", streams)])
    async with TestClient(TestServer(app)) as client:
        yield client


class SlowBody:
    """A body whose rest comes when the test says so."""

    def __init__(self) -> None:
        self.rest = asyncio.Event()

    async def parts(self) -> AsyncIterator[bytes]:
        yield b"{"
        await self.rest.wait()
        yield b"}"


async def test_who_is_refused_hears_of_it_when_all_of_the_body_is_there(client: Client) -> None:
    body = SlowBody()
    asking = asyncio.create_task(client.post("/refuses", data=body.parts()))
    done, _ = await asyncio.wait([asking], timeout=0.2)
    assert not done
    body.rest.set()
    assert (await asking).status == 401


async def test_a_body_that_never_comes_is_not_waited_for_for_ever(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "READ_SECONDS", 0.1)
    async with asyncio.timeout(10):
        assert (await client.post("/refuses", data=SlowBody().parts())).status == 401


async def test_a_stream_that_has_begun_is_not_held_up_by_a_body(client: Client) -> None:
    async with asyncio.timeout(10):
        answer = await client.post("/streams", data=SlowBody().parts())
        assert await answer.content.read(4) == b"open"

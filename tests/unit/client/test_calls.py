"""Sending once however often it is tried, and what calls raise."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from circles_client import Circles, Problem, Timing, TokenRefused, Unreachable

from tests.unit.client.scripted import Line, Script, answered, playing, problem

MESSAGE = {"id": "m", "seq": 1}
TIMING = Timing(retry=0.02, retry_at_most=0.05, patience=0.5, call=0.3)


class Server(Script):
    """Answers every call with the next line. `bodies` are what came."""

    def __init__(self, *lines: Line) -> None:
        super().__init__([])
        self.lines = lines
        self.bodies: list[Any] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        self.bodies.append(json.loads(text) if text else None)
        return await self.lines[min(len(self.bodies), len(self.lines)) - 1](request)


async def lost(request: web.Request) -> web.StreamResponse:
    """The answer never arrives; whether the message did, nobody can tell."""
    assert request.transport is not None
    request.transport.abort()
    raise web.HTTPOk


async def hangs(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("waited for ever")


def busy(seconds: int) -> Line:
    async def line(request: web.Request) -> web.StreamResponse:
        headers = {"Retry-After": str(seconds)}
        return web.json_response({"code": "too_many", "detail": "x"}, status=429, headers=headers)

    return line


async def test_a_message_is_tried_again_as_the_same_message() -> None:
    server = Server(lost, problem(503, "away"), hangs, answered(MESSAGE, 201))
    timing = Timing(retry=0.02, retry_at_most=0.05, patience=5.0, call=0.3)
    async with playing(server), Circles(server.url, token="t", timing=timing) as circles:
        assert await circles.send("g", "Soup?") == MESSAGE
    assert len(server.bodies) == 4
    assert len({body["clientMessageId"] for body in server.bodies}) == 1


async def test_each_message_has_an_id_of_its_own_or_the_callers() -> None:
    server = Server(answered(MESSAGE, 201))
    async with playing(server), Circles(server.url, token="t", timing=TIMING) as circles:
        for _ in range(2):
            await circles.send("g", "Soup?")
        await circles.send("g", "Soup?", client_message_id="mine", metadata={"a": 1})
    ids = [body["clientMessageId"] for body in server.bodies]
    assert len(set(ids)) == 3 and ids[2] == "mine"
    assert server.bodies[2]["metadata"] == {"a": 1}


async def test_what_is_refused_is_not_tried_again() -> None:
    server = Server(problem(409, "client_message_id_taken"))
    async with playing(server), Circles(server.url, token="t", timing=TIMING) as circles:
        with pytest.raises(Problem) as refused:
            await circles.send("g", "Soup?")
    assert (refused.value.status, refused.value.code) == (409, "client_message_id_taken")
    assert len(server.bodies) == 1


async def test_nobody_comes_sooner_than_a_busy_server_asks() -> None:
    server = Server(busy(1), answered(MESSAGE, 201))
    timing = Timing(retry=0.02, patience=5.0)
    began = time.monotonic()
    async with playing(server), Circles(server.url, token="t", timing=timing) as circles:
        await circles.send("g", "Soup?")
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("line", [lost, problem(503, "away"), busy(60)])
async def test_a_message_that_cannot_be_sent_is_given_up_in_time(line: Line) -> None:
    server = Server(line)
    async with playing(server), Circles(server.url, token="t", timing=TIMING) as circles:
        async with asyncio.timeout(5):
            with pytest.raises((Problem, Unreachable)):
                await circles.send("g", "Soup?")


async def test_nothing_is_sent_by_a_client_that_is_closed() -> None:
    server = Server(answered(MESSAGE, 201))
    async with playing(server):
        async with Circles(server.url, token="t", timing=Timing()) as circles:
            pass
        async with asyncio.timeout(1):
            with pytest.raises(Unreachable, match="closed"):
                await circles.send("g", "Soup?")
    assert server.bodies == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (answered("<html>", 502), Problem),
        (problem(401, "token_invalid"), TokenRefused),
        (lost, Unreachable),
        (hangs, Unreachable),
    ],
)
async def test_every_failure_is_one_of_ours(line: Line, kind: type[Exception]) -> None:
    server = Server(line)
    async with playing(server), Circles(server.url, token="t", timing=TIMING) as circles:
        with pytest.raises(kind):
            await circles.groups()


async def test_an_answer_that_is_no_json_is_nobodys() -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>Welcome to the hotel</html>", content_type="text/html")

    server = Server(page)
    async with playing(server), Circles(server.url, token="t", timing=TIMING) as circles:
        with pytest.raises(Unreachable, match="not JSON"):
            await circles.groups()


async def test_bad_fields_are_all_told() -> None:
    errors = [{"field": "name", "message": "must not be blank"}]
    server = Server(answered({"code": "invalid", "detail": "x", "errors": errors}, 422))
    async with playing(server), Circles(server.url, token="t", timing=TIMING) as circles:
        with pytest.raises(Problem) as refused:
            await circles.create_group(" ")
    assert refused.value.errors == errors


async def test_ids_are_encoded_in_paths() -> None:
    paths: list[str] = []

    async def noted(request: web.Request) -> web.StreamResponse:
        paths.append(request.raw_path)
        return web.json_response({})

    server = Server(noted)
    calls: list[Callable[[Circles], Any]] = [
        lambda c: c.remove_member("g/../x", "a/b?c#d%"),
        lambda c: c.mark_read("1/2"),
    ]
    async with playing(server), Circles(server.url, token="t", timing=TIMING) as circles:
        await calls[0](circles)
        with pytest.raises(KeyError):
            await calls[1](circles)
    assert paths == [
        "/v1/groups/g%2F..%2Fx/members/a%2Fb%3Fc%23d%25",
        "/v1/notifications/1%2F2/read",
    ]


@pytest.mark.parametrize("url", ["notaurl", "localhost:8080", "http://"])
def test_an_address_that_no_call_can_reach_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="begins with http://"):
        Circles(url, token="t")

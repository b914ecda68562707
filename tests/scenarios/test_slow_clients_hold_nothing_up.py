"""Clients who send or read too slowly, on purpose or not, before a gateway that is in a hurry."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from launcher.gateway import gateway_process
from launcher.ports import free_port
from launcher.progress import Progress
from launcher.readiness import wait_for_gateway
from shared.web import bodies
from shared.web.bodies import RequestBody, read_body
from shared.web.problems import problems
from tests.fixtures.rabbitmq import SERVICES
from tests.fixtures.stack import HEARTBEAT_SECONDS, Stack
from tests.fixtures.tokens import bearer
from tests.scenarios.people import User

# What the gateway allows here, in seconds, and how late it may be on a busy machine.
ALLOWED, LATE = 1.0, 8.0
CROWD = 20


@asynccontextmanager
async def hasty_gateway(folder: Path, upstreams: Mapping[str, Sequence[int]]) -> AsyncIterator[int]:
    """The port of one more gateway, before these."""
    port = free_port()
    process = gateway_process(folder, port, upstreams)
    limits = {"GATEWAY_HEADER_TIMEOUT": f"{ALLOWED:.0f}s"}
    process = replace(process, environment={**process.environment, **limits})
    await process.start()
    try:
        await wait_for_gateway(process, port, Progress(quiet=True))
        yield port
    finally:
        await process.stop()


@pytest.fixture(scope="module")
async def hasty(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    """Before the services of all."""
    ports = {
        kind: [service.port for service in stack.services.values() if service.kind == kind]
        for kind in SERVICES
    }
    async with hasty_gateway(tmp_path_factory.mktemp("hasty"), ports) as port:
        yield port


@asynccontextmanager
async def connected(
    port: int,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def seconds_until_cut_off(port: int, head: str, drip: bytes) -> float:
    """How long the gateway listens to `head`, and then to `drip` again and again."""
    async with connected(port) as (reader, writer), asyncio.timeout(ALLOWED + LATE):
        began = monotonic()
        writer.write(head.encode())
        end = asyncio.create_task(reader.read(-1))
        try:
            while not end.done():
                writer.write(drip)
                await asyncio.wait([end], timeout=0.05)
        except ConnectionError:
            pass
        await asyncio.wait([end])
        return monotonic() - began


def request(method: str, path: str, *lines: str) -> str:
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""))


TOKEN = f"Authorization: {bearer('slow')['Authorization']}"
JSON = "Content-Type: application/json"


@pytest.mark.parametrize(
    ("head", "drip"),
    [
        ("", b""),
        ("GET /v1/groups HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"a"),
        # Refused before the body is read: it must not be waited for.
        (request("POST", "/v1/groups", JSON, "Content-Length: 60000"), b"a"),
    ],
    ids=["silent", "header", "no token"],
)
async def test_who_sends_slowly_is_cut_off_and_holds_up_nobody(
    hasty: int, alice: User, head: str, drip: bytes
) -> None:
    async def others_go_on() -> None:
        for _ in range(10):
            async with asyncio.timeout(LATE):
                await alice.get(f"http://127.0.0.1:{hasty}/v1/groups")

    took, _ = await asyncio.gather(
        asyncio.gather(*(seconds_until_cut_off(hasty, head, drip) for _ in range(CROWD))),
        others_go_on(),
    )
    assert max(took) < ALLOWED + LATE


class Anything(RequestBody):
    name: str


async def reads_a_body(request: web.Request) -> web.Response:
    await read_body(request, Anything)
    return web.Response()


async def is_well(_: web.Request) -> web.Response:
    return web.Response()


async def test_a_slow_body_is_told_so_and_ends_its_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "READ_SECONDS", ALLOWED)
    app = web.Application(middlewares=[problems])
    app.add_routes(
        [
            web.post("/v1/groups", reads_a_body),
            web.get("/healthz", is_well),
            web.get("/readyz", is_well),
        ]
    )
    async with TestServer(app) as service:
        ports = {kind: [service.port or 0] for kind in SERVICES}
        async with hasty_gateway(tmp_path, ports) as port:
            for framing, drip in (
                ("Content-Length: 60000", b"a"),
                ("Transfer-Encoding: chunked", b"1\r\na\r\n"),
            ):
                head = request("POST", "/v1/groups", JSON, framing)
                took = await asyncio.gather(
                    *(seconds_until_cut_off(port, head, drip) for _ in range(CROWD))
                )
                assert ALLOWED <= min(took) <= max(took) < ALLOWED + LATE


async def test_too_many_headers_are_refused(hasty: int) -> None:
    async with connected(hasty) as (reader, writer), asyncio.timeout(LATE):
        writer.write(request("GET", "/v1/groups", f"X-Large: {'a' * 64 * 1024}").encode())
        assert b" 431 " in await reader.readline()


async def test_a_stream_outlives_what_other_answers_are_allowed(hasty: int) -> None:
    async with connected(hasty) as (reader, writer):
        # On one connection after an ordinary call, as browsers do.
        for path in ("/v1/notifications/unread-count", "/v1/sse/stream"):
            writer.write(request("GET", path, TOKEN).encode())
            async with asyncio.timeout(LATE):
                assert b" 200 " in await reader.readline()
                if path != "/v1/sse/stream":
                    await reader.readuntil(b'{"count":0}')
        assert HEARTBEAT_SECONDS > 2 * ALLOWED
        async with asyncio.timeout(3 * HEARTBEAT_SECONDS):
            # Later than the gateway allows for anything else.
            await reader.readuntil(b"event: heartbeat")

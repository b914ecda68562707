"""Clients who send or read too slowly, on purpose or not, before a gateway that is in a hurry."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from launcher.gateway import gateway_process
from launcher.ports import free_port
from launcher.progress import Progress
from launcher.readiness import wait_for_gateway
from tests.fixtures.rabbitmq import SERVICES
from tests.fixtures.stack import HEARTBEAT_SECONDS, Stack
from tests.fixtures.tokens import bearer
from tests.fixtures.waiting import eventually
from tests.scenarios.people import User

# What the gateway allows here, in seconds, and how late it may be on a busy machine.
ALLOWED, LATE = 1.0, 4.0
CROWD = 20


@pytest.fixture(scope="module")
async def hasty(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    """The port of one more gateway before the same services."""
    ports = {
        kind: [service.port for service in stack.services.values() if service.kind == kind]
        for kind in SERVICES
    }
    port, folder = free_port(), Path(tmp_path_factory.mktemp("hasty"))
    process = gateway_process(folder, port, ports)
    limits = {f"GATEWAY_{name}_TIMEOUT": f"{ALLOWED:.0f}s" for name in ("HEADER", "BODY", "ANSWER")}
    process = replace(process, environment={**process.environment, **limits})
    await process.start()
    try:
        await wait_for_gateway(process, port, Progress(quiet=True))
        yield port
    finally:
        await process.stop()


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
        (request("POST", "/v1/groups", TOKEN, JSON, "Content-Length: 60000"), b"a"),
        (request("POST", "/v1/groups", TOKEN, JSON, "Transfer-Encoding: chunked"), b"1\r\na\r\n"),
        # Answered before the body is read.
        (request("POST", "/v1/groups", JSON, "Content-Length: 60000"), b"a"),
        (request("POST", "/nothing", JSON, "Content-Length: 60000"), b"a"),
        (request("GET", "/v1/groups", TOKEN, "Content-Length: 60000"), b"a"),
    ],
    ids=["silent", "header", "body", "chunks", "no token", "no address", "a body that is not read"],
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


async def test_who_reads_no_answers_is_cut_off(hasty: int) -> None:
    count = 400
    async with connected(hasty) as (reader, writer), asyncio.timeout(3 * (ALLOWED + LATE)):
        writer.write(request("GET", "/openapi.json").encode() * count)

        async def gone() -> bool:
            # Nothing is read meanwhile: the answers do not fit into what lies between. Only who
            # writes hears that the other end has closed.
            writer.write(b"\r\n")
            return writer.transport.is_closing()

        await eventually(gone, ALLOWED + LATE)
        answers = 0
        try:
            while chunk := await reader.read(2**20):
                answers += chunk.count(b"HTTP/1.1 200")
        except ConnectionError:
            pass
        assert answers < count


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
        async with asyncio.timeout(3 * HEARTBEAT_SECONDS):
            for _ in range(2):
                await reader.readuntil(b"event: heartbeat")

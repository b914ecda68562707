"""Clients who send or read too slowly, on purpose or not, before a gateway that is in a hurry."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from launcher.gateway import gateway_process
from launcher.ports import free_port
from launcher.progress import Progress
from launcher.readiness import wait_for_gateway
from tests.fixtures.http2 import http2_request
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
    limits = dict.fromkeys(("GATEWAY_HEADER_TIMEOUT", "GATEWAY_BODY_TIMEOUT"), f"{ALLOWED:.0f}s")
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


async def cut_off(port: int, head: str, drip: bytes) -> tuple[float, bytes]:
    """For how many seconds the gateway listens to `head`, and then to `drip` again and again, and
    what it says."""
    loop = asyncio.get_running_loop()

    async def heard() -> bytes:
        said = b""
        # Who goes on sending may be told by a reset that nobody listens any more.
        with suppress(ConnectionError):
            while some := await loop.sock_recv(client, 2**16):
                said += some
        return said

    # Not by streams: they forget what came before a reset.
    with socket.socket() as client:
        client.setblocking(False)
        async with asyncio.timeout(ALLOWED + LATE), asyncio.TaskGroup() as tasks:
            await loop.sock_connect(client, ("127.0.0.1", port))
            began = monotonic()
            end = tasks.create_task(heard())
            sent = head.encode()
            while not end.done():
                with suppress(ConnectionError):
                    await loop.sock_sendall(client, sent)
                await asyncio.wait([end], timeout=0.05)
                sent = drip
    return monotonic() - began, end.result()


def request(method: str, path: str, *lines: str) -> str:
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""))


TOKEN = f"Authorization: {bearer('slow')['Authorization']}"
JSON = "Content-Type: application/json"
OF_60000 = "Content-Length: 60000"
CHUNKED, CHUNK = "Transfer-Encoding: chunked", b"1\r\na\r\n"


@pytest.mark.parametrize(
    ("head", "drip", "told"),
    [
        ("", b"", b""),
        ("GET /v1/groups HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"a", b""),
        (request("POST", "/v1/groups", JSON, TOKEN, OF_60000), b"a", b"408"),
        (request("POST", "/v1/groups", JSON, TOKEN, CHUNKED), CHUNK, b"408"),
        (request("POST", "/v1/groups", JSON, OF_60000), b"a", b"408"),
        (request("GET", "/v1/groups", TOKEN, OF_60000), b"a", b"408"),
        # Nobody reads these bodies.
        (request("POST", "/nowhere", JSON, OF_60000), b"a", b"404"),
        (request("GET", "/", CHUNKED), CHUNK, b"200"),
    ],
    ids=["silent", "header", "body", "chunks", "no token", "GET", "nowhere", "page"],
)
async def test_who_sends_slowly_is_cut_off_and_holds_up_nobody(
    hasty: int, alice: User, head: str, drip: bytes, told: bytes
) -> None:
    async def others_go_on() -> None:
        for _ in range(10):
            async with asyncio.timeout(LATE):
                await alice.get(f"http://127.0.0.1:{hasty}/v1/groups")

    ends, _ = await asyncio.gather(
        asyncio.gather(*(cut_off(hasty, head, drip) for _ in range(CROWD))), others_go_on()
    )
    assert max(seconds for seconds, _ in ends) < ALLOWED + LATE
    assert {said[9:12] for _, said in ends} == {told}
    if told == b"408":
        assert all(b'"code":"request_timeout"' in said for _, said in ends)


@pytest.mark.parametrize(
    ("is_whole", "code"),
    [(False, b"request_timeout"), (True, b"unreadable")],
    ids=["slow", "short"],
)
async def test_over_http2_it_is_the_sender_who_is_told_of_a_body_that_does_not_come(
    hasty: int, is_whole: bool, code: bytes
) -> None:
    fields = [
        ("content-type", "application/json"),
        ("content-length", "60000"),
        ("authorization", TOKEN.partition(": ")[2]),
    ]
    async with connected(hasty) as (reader, writer), asyncio.timeout(ALLOWED + LATE):
        writer.write(http2_request("POST", "/v1/groups", fields, b"{", is_whole=is_whole))
        await reader.readuntil(b'"code":"' + code)


async def test_too_many_headers_are_refused(hasty: int) -> None:
    async with connected(hasty) as (reader, writer), asyncio.timeout(LATE):
        writer.write(request("GET", "/v1/groups", f"X-Large: {'a' * 64 * 1024}").encode())
        assert b" 431 " in await reader.readline()


@pytest.mark.parametrize(
    "lines",
    [[f"X-{number}: a" for number in range(2_000)], [f"X-Long: {'a' * 30_000}"]],
    ids=["many", "long"],
)
async def test_headers_that_the_gateway_lets_through_are_taken_by_the_services(
    hasty: int, lines: list[str]
) -> None:
    async def status() -> bytes:
        async with connected(hasty) as (reader, writer), asyncio.timeout(LATE):
            writer.write(request("GET", "/v1/groups", TOKEN, *lines).encode())
            return (await reader.readline())[9:12]

    # A service that refused them would have the gateway fail at some of them only.
    assert {await status() for _ in range(100)} == {b"200"}


async def test_a_stream_outlives_what_other_answers_are_allowed(hasty: int) -> None:
    async with connected(hasty) as (reader, writer):
        # On one connection after ordinary calls, as browsers do.
        for call, end in (
            (request("GET", "/v1/notifications/unread-count", TOKEN), b'{"count":0}'),
            (request("POST", "/v1/sse/ack", TOKEN, JSON, "Content-Length: 2") + "{}", b"}"),
            (request("GET", "/v1/sse/stream", TOKEN), b"connected"),
        ):
            writer.write(call.encode())
            async with asyncio.timeout(LATE):
                await reader.readuntil(end)
        assert HEARTBEAT_SECONDS > 2 * ALLOWED
        async with asyncio.timeout(3 * HEARTBEAT_SECONDS):
            # Later than the gateway allows for anything else.
            await reader.readuntil(b"event: heartbeat")

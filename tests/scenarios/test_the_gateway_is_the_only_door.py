"""What people meet at the one address they know."""

import asyncio
import json
from http import HTTPStatus

import aiohttp
import pytest
from yarl import URL

from launcher.paths import ROOT
from tests.fixtures.people import Answer
from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.scenarios.people import User

LIMIT = 64 * 1024

# The gateway tries for 8 s to reach a replica that it takes for dead: less is not held up.
HELD_UP_SECONDS = 5.0


def is_problem(answer: Answer, status: int) -> bool:
    """Whether it says what is wrong as every error does."""
    return (
        answer.status == answer.body["status"] == status
        and answer.headers["Content-Type"].startswith("application/problem+json")
        and {"type", "title", "status", "detail", "code"} <= set(answer.body)
    )


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/app",
            "/app/",
            "/app/views/",
            "/app/nothing.js",
            "/index.html",
            "/client",
            "/v1/local/x",
        ),
        *("/nothing", "/v1", "/v2/groups", "/v1/groupsies", "/v1/unknown"),
        *("/internal", "/internal/groups", "/metrics", "/readyz", "/v1/../metrics"),
    ],
)
async def test_what_is_not_public_is_not_there(alice: User, path: str) -> None:
    assert is_problem(await alice.get(path), HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/groups/..%2f..", "/v1/groups/%2e%2e/%2e%2e", "//elsewhere/%2e%2e"),
        *("/v1/groups/..%2f..%2fdocs", "/app/%2e%2e/%2e%2e/", "/app/..%2f..%2fpyproject.toml"),
    ],
)
async def test_dots_lead_nowhere(http: aiohttp.ClientSession, stack: Stack, path: str) -> None:
    async with http.get(URL(stack.url + path, encoded=True)) as answer:
        assert answer.status == HTTPStatus.NOT_FOUND
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/app/main.js", "/client/index.js", "/docs"])
async def test_pages_and_files_can_only_be_read(alice: User, path: str) -> None:
    for method in ("PUT", "POST", "DELETE"):
        answer = await alice.call(method, path)
        assert is_problem(answer, HTTPStatus.METHOD_NOT_ALLOWED)
        assert answer.headers["Allow"] == "GET, HEAD"


async def test_healthz_says_that_all_is_well(http: aiohttp.ClientSession) -> None:
    async with http.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (HTTPStatus.OK, {"status": "ok"})


async def test_the_contract_is_there_for_programs_and_to_read(
    http: aiohttp.ClientSession,
) -> None:
    for path in ("openapi.json", "asyncapi.json"):
        async with http.get(f"/{path}") as answer:
            assert (answer.status, answer.content_type) == (HTTPStatus.OK, "application/json")
            assert await answer.text() == (ROOT / "docs" / path).read_text()
    for path in ("/docs", "/docs/"):
        async with http.get(path) as answer:
            assert (answer.status, answer.content_type) == (HTTPStatus.OK, "text/html")
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; style-src 'self';")
            assert "/v1/groups/{id}/messages" in await answer.text()
    async with http.get("/docs/style.css") as answer:
        assert (answer.status, answer.content_type) == (HTTPStatus.OK, "text/css")


@pytest.mark.parametrize("path", ["/docs/index.html", "/docs/../decisions", "/docs/runbook.md"])
async def test_of_the_documents_only_the_contract_is_public(alice: User, path: str) -> None:
    assert is_problem(await alice.get(path), HTTPStatus.NOT_FOUND)


async def test_no_browser_makes_of_an_answer_what_it_is_not(alice: User) -> None:
    for path in ("/v1/groups", "/v1/conversations", "/v1/notifications", "/v1/groups/nothing"):
        headers = (await alice.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["Cache-Control"] == "no-store"
    async with alice.stream() as stream:
        assert stream.response.headers.getall("Cache-Control") == ["no-cache, no-transform"]
        assert stream.response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/groups", {"GET", "POST"}),
        ("POST", "/openapi.json", {"GET"}),
        ("DELETE", "/docs", {"GET"}),
        ("PUT", "/v1/conversations", {"GET"}),
        ("POST", "/v1/notifications", {"GET"}),
        ("POST", "/v1/sse/stream", {"GET"}),
        ("PATCH", "/v1/presence", {"GET"}),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    alice: User, method: str, path: str, allowed: set[str]
) -> None:
    answer = await alice.call(method, path)
    assert is_problem(answer, HTTPStatus.METHOD_NOT_ALLOWED)
    said = {method.strip() for method in answer.headers["Allow"].split(",")}
    assert allowed <= said <= allowed | {"HEAD", "OPTIONS"}


async def test_a_head_tells_what_a_get_would_without_the_body(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    for path in (
        *("/healthz", "/v1/groups", f"/v1/groups/{group['id']}"),
        *(f"/v1/groups/{group['id']}/members", f"/v1/groups/{group['id']}/messages"),
        *(f"/v1/messages/{message['id']}", f"/v1/messages/{message['id']}/status"),
        *("/v1/conversations", "/v1/notifications", "/v1/notifications/unread-count"),
        *("/v1/presence?userIds=alice", "/v1/presence?userIds=", "/v1/groups/nothing", "/nothing"),
    ):
        got, head = await bob.get(path), await bob.call("HEAD", path)
        assert (head.status, head.body) == (got.status, None)
        for header in ("Content-Type", "Content-Length"):
            assert head.headers[header] == got.headers[header]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/sse/stream", "GET"),
        ("/v1/sse/poll", "GET"),
        ("/v1/sse/ticket", "POST"),
        ("/v1/sse/ack", "POST"),
        ("/v1/notifications/read-all", "PATCH"),
    ],
)
async def test_a_head_opens_no_stream_and_takes_nothing(
    alice: User, bob: User, path: str, allowed: str
) -> None:
    await alice.creates_group(bob)
    head = await bob.call("HEAD", path)
    assert (head.status, head.headers["Allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, allowed)
    async with bob.stream() as stream:
        await stream.told("group.invite")


@pytest.mark.parametrize(
    "path", ["/v1/groups", "/v1/conversations", "/v1/notifications", "/v1/sse/stream"]
)
async def test_who_says_no_name_is_not_let_in(http: aiohttp.ClientSession, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer made.up.token"}):
        async with http.get(path, headers=headers) as response:
            answer = Answer(
                response.status, await response.json(content_type=None), response.headers
            )
            assert is_problem(answer, HTTPStatus.UNAUTHORIZED)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_too_large_a_body_is_refused_however_it_comes(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    path = f"/v1/groups/{group['id']}/messages"
    body = b'{"content": "%b"}' % (b"a" * LIMIT)
    json_type = {"Content-Type": "application/json"}
    answer = await alice.call("POST", path, data=body, headers=json_type)
    assert is_problem(answer, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    async def in_pieces() -> object:
        for start in range(0, len(body), 8192):
            yield body[start : start + 8192]

    answer = await alice.call("POST", path, data=in_pieces(), headers=json_type)
    assert is_problem(answer, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    # One that just fits gets an answer about what is in it.
    body = b'{"content": "%b"}' % (b"a" * (LIMIT - 20))
    answer = await alice.call("POST", path, data=body, headers=json_type)
    assert is_problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY)


BROKEN_CHUNKS = b"5\r\naaaaaXX\r\nzz\r\n"
LONG_CHUNKS = b"".join(b"2000\r\n%b\r\n" % (b"a" * 0x2000) for _ in range(12)) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("framing", "body", "status"),
    [
        (f"Content-Length: {LIMIT + 1}", b"a" * (LIMIT + 1), 413),
        ("Transfer-Encoding: chunked", LONG_CHUNKS, 413),
        ("Transfer-Encoding: chunked", BROKEN_CHUNKS, 400),
    ],
    ids=["announced", "chunked", "broken"],
)
async def test_what_is_refused_for_its_body_was_not_done(
    alice: User, bob: User, stack: Stack, framing: str, body: bytes, status: int
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group, "Still there")
    await stack.settled()
    notified = (await bob.whole_inbox())[-1]
    calls = [
        (alice, "DELETE", f"/v1/messages/{message['id']}"),
        (bob, "POST", f"/v1/messages/{message['id']}/read"),
        (bob, "POST", f"/v1/groups/{group['id']}/leave"),
        (alice, "DELETE", f"/v1/groups/{group['id']}/members/{bob.id}"),
        (alice, "DELETE", f"/v1/groups/{group['id']}"),
        (bob, "DELETE", f"/v1/notifications/{notified['id']}"),
        (bob, "GET", "/v1/groups"),
    ]
    for user, method, path in calls:
        assert await raw_status(stack, user, method, path, framing, body) == status, path
    # Whoever was at work on it would have done it by now.
    await alice.sends(group, "So is Bob")
    await stack.settled()
    texts = [each["content"] for each in await bob.history(group) if each["type"] == "text"]
    assert texts == ["Still there", "So is Bob"]
    assert (await alice.status_of(message))["readBy"] == []
    assert [each["id"] for each in await bob.whole_inbox()].count(notified["id"]) == 1


async def raw_status(
    stack: Stack, user: User, method: str, path: str, framing: str, body: bytes
) -> int:
    host, _, port = stack.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: {user.headers['Authorization']}\r\n{framing}\r\n\r\n".encode()
        + body
    )
    async with asyncio.timeout(20):
        line = await reader.readline()
    writer.transport.abort()
    return int(line.split()[1])


async def test_who_is_cut_off_while_sending_holds_up_nobody(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    host, _, port = stack.url.removeprefix("http://").partition(":")
    for _ in range(3):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"POST /v1/groups/{group['id']}/messages HTTP/1.1\r\nHost: {host}\r\n"
            f"Authorization: {alice.headers['Authorization']}\r\n"
            'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"content'.encode()
        )
        await writer.drain()
        await bob.conversations()
        writer.transport.abort()
        for _ in range(30):
            async with asyncio.timeout(HELD_UP_SECONDS):
                await bob.conversations()
    await stack.settled()
    assert [message["type"] for message in await bob.history(group)] == ["system"]


CHUNKED, OF_1000 = "Transfer-Encoding: chunked", "Content-Length: 1000"


async def answer_to_body(stack: Stack, user: User, path: str, framing: str, body: bytes) -> Answer:
    """What is answered to a body sent as it is, byte by byte, after which nothing more comes."""
    host, _, port = stack.url.removeprefix("http://").partition(":")
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"Authorization: {user.headers['Authorization']}\r\n{framing}\r\n\r\n".encode()
            + body
        )
        if framing == OF_1000 or body.endswith(b"{"):
            writer.write_eof()
        # To the end: a broken body is the last thing that is read from a connection.
        head, _, text = (await reader.read()).decode().partition("\r\n\r\n")
        writer.close()
    status_line, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(int(status_line.split()[1]), json.loads(text), headers)


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (CHUNKED, b"zz\r\n"),
        (CHUNKED, b"1\r\n{\r\nzz\r\n"),
        (CHUNKED, b"1\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED, b"\r\n"),
        (CHUNKED, b"1\n{\n0\n\n"),
        (CHUNKED, b"f" * 20 + b"\r\n"),
        (CHUNKED, b"2\r\n{}\r\n0\r\nno trailer\r\n\r\n"),
        (CHUNKED, b"9\r\n{"),
        (OF_1000, b"{"),
    ],
)
async def test_a_broken_body_is_called_unreadable_and_holds_up_nobody(
    alice: User, bob: User, stack: Stack, framing: str, body: bytes
) -> None:
    group = await alice.creates_group(bob)
    for path in (f"/v1/groups/{group['id']}/messages", "/v1/groups", "/v1/sse/ack"):
        answer = await answer_to_body(stack, alice, path, framing, body)
        assert is_problem(answer, HTTPStatus.BAD_REQUEST)
        assert answer.code == "unreadable"
        async with asyncio.timeout(HELD_UP_SECONDS):
            await bob.conversations()


async def test_every_service_names_every_bad_field(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    for call, fields in (
        (alice.post("/v1/groups", {"name": " ", "colour": "red"}), {"name", "colour"}),
        (alice.tries_to_send(group, "", shout=True), {"content", "shout"}),
        (alice.get("/v1/notifications?page=0&limit=101"), {"page", "limit"}),
        (alice.get("/v1/sse/poll?timeout=61"), {"timeout"}),
    ):
        answer = await call
        assert is_problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY)
        assert set(answer.bad_fields) == fields


async def test_nothing_is_compressed_so_that_no_stream_is_held_back(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    bob.headers = {**bob.headers, "Accept-Encoding": "gzip, deflate, br, zstd"}
    async with asyncio.timeout(HELD_UP_SECONDS), bob.stream() as stream:
        assert "Content-Encoding" not in stream.response.headers
        await stream.told("group.invite")
        message = await alice.sends(group, "a" * 3000)
        await stream.told("message.new", messageId=message["id"])
    for path in ("/v1/notifications?limit=100", "/v1/groups", "/v1/conversations"):
        assert "Content-Encoding" not in (await bob.get(path)).headers


async def test_who_runs_the_place_is_not_told_to_everyone(alice: User) -> None:
    for path in ("/v1/groups", "/v1/conversations", "/v1/notifications", "/nothing", "/healthz"):
        headers = (await alice.get(path)).headers
        assert "Server" not in headers
        assert "Via" not in headers


async def test_who_closes_the_laptop_is_soon_offline(alice: User, bob: User) -> None:
    async with bob.stream():

        async def online() -> bool:
            return await alice.is_online(bob)

        await eventually(online)

    async def offline() -> bool:
        return not await alice.is_online(bob)

    await eventually(offline, seconds=5)


async def test_a_service_that_is_away_is_said_to_be_away_and_comes_back(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    await stack.settled()
    await stack.stop("groups-1")
    try:
        # Both for as long as a restart may take.
        for answer in await asyncio.gather(
            alice.get("/v1/groups"),
            answer_to_body(stack, alice, "/v1/groups", CHUNKED, b"zz\r\n"),
        ):
            assert is_problem(answer, HTTPStatus.SERVICE_UNAVAILABLE)
        answer = await alice.get("/healthz")
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        # The others go on with what they know.
        async with bob.stream() as bobs:
            message = await alice.sends(group, "Groups is away")
            await bobs.told("message.new", messageId=message["id"])
    finally:
        await stack.healed()
    assert (await alice.get(f"/v1/groups/{group['id']}")).status == HTTPStatus.OK
    assert (await alice.creates_group(bob))["id"]

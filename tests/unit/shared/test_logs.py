"""What a log must never tell."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.logs import set_up_logs


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """A service's standard error; the tests' own logs come back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", written)
        set_up_logs("tests", "info")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "line",
    [
        "GET /v1/sse/stream?ticket=a-secret&more=" + "x" * 9000 + " HTTP/1.1",
        "GET /v1/sse/stream?ticket=a-secret HTTP/9.x",
    ],
)
async def test_a_request_that_can_not_be_read_leaves_no_ticket_in_the_log(
    logs: io.StringIO, line: str
) -> None:
    async with TestServer(web.Application()) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(f"{line}\r\nHost: localhost\r\n\r\n".encode())
        assert (await reader.read()).startswith(b"HTTP/1.0 400")
        writer.close()
    said = logs.getvalue()
    assert "a-secret" not in said
    assert "Traceback" not in said
    [record] = [json.loads(each) for each in said.splitlines()]
    assert (record["event"], record["level"]) == ("unreadable request", "info")

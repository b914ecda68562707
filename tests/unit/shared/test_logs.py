"""What a log must never tell."""

import asyncio
import io
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer


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

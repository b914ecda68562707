"""What is seen of a request: counted by route, named in its log lines, never by what was sent."""

import io
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from shared.logs import get_logger
from shared.trace_context import current
from shared.web.observing import LEFT, observe
from shared.web.problems import problems
from tests.fixtures.metrics import counted
from tests.fixtures.spans import Spans

Client = TestClient[web.Request, web.Application]
TRACE = "0af7651916cd43dd8448eb211c80319c"
GIVEN = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
log = get_logger(__name__)


async def speaking(request: web.Request) -> web.Response:
    log.info("at it")
    return web.json_response({"trace": current(), "thing": request.match_info["thing"]})


async def failing(_: web.Request) -> web.Response:
    raise RuntimeError("somebody's message")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[observe(frozenset({"/lasting"})), problems])
    app.router.add_get("/things/{thing}", speaking)
    app.router.add_get("/failing", failing)
    app.router.add_get("/lasting", failing)
    async with TestClient(TestServer(app)) as opened:
        yield opened


def requests(route: str, method: str, status: str) -> float:
    name = "circles_http_request_seconds_count"
    return counted(name, route=route, method=method, status=status)


async def test_requests_are_counted_by_the_pattern_of_their_address(client: Client) -> None:
    before = requests("/things/{thing}", "GET", "200")
    for thing in ("one", "two"):
        assert (await client.get(f"/things/{thing}")).status == 200
    assert requests("/things/{thing}", "GET", "200") == before + 2


async def test_made_up_addresses_and_methods_make_no_series_of_their_own(client: Client) -> None:
    before = requests("unmatched", "GET", "404"), requests("unmatched", "other", "404")
    for path in ("/x1", "/x2/y"):
        assert (await client.get(path)).status == 404
        assert (await client.request("PROPFIND", path)).status == 404
    after = requests("unmatched", "GET", "404"), requests("unmatched", "other", "404")
    assert after == (before[0] + 2, before[1] + 2)


async def test_what_fails_counts_as_what_was_answered(client: Client) -> None:
    before = requests("/failing", "GET", "500")
    assert (await client.get("/failing")).status == 500
    assert requests("/failing", "GET", "500") == before + 1
    assert requests("/failing", "GET", LEFT) == 0


async def test_how_long_a_stream_lasts_is_no_latency(client: Client, spans: Spans) -> None:
    await client.get("/lasting", headers=GIVEN)
    assert requests("/lasting", "GET", "500") == 0
    assert spans.all() == []


async def test_log_lines_name_their_request_and_its_trace(
    client: Client, logs: io.StringIO
) -> None:
    for _ in range(2):
        answer = await (await client.get("/things/one", headers=GIVEN)).json()
        assert answer["trace"] == GIVEN["traceparent"]
    await client.get("/failing")
    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    first, second, failed = lines
    assert first["trace_id"] == second["trace_id"] == TRACE
    assert len({line["request_id"] for line in lines}) == 3
    assert failed["event"] == "unforeseen error"
    assert len(failed["trace_id"]) == 32 and failed["trace_id"] != TRACE
    assert "somebody's message" not in logs.getvalue()


async def test_a_call_is_a_span_under_the_callers(client: Client, spans: Spans) -> None:
    answer = await (await client.get("/things/one", headers=GIVEN)).json()
    [span] = spans.of(TRACE)
    assert span.name == "GET /things/{thing}"
    assert span.context is not None
    assert answer["trace"] == f"00-{TRACE}-{span.context.span_id:016x}-01"
    assert (span.attributes or {})["http.response.status_code"] == 200

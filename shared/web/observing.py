"""What is seen of every request: how long it took, its ids in each log line, its span."""

import secrets
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any

from aiohttp import hdrs, web
from structlog.contextvars import bound_contextvars

from shared import telemetry, trace_context
from shared.metrics import HTTP_REQUESTS
from shared.web.health import PUBLIC_PATHS
from shared.web.problems import Handler

# Anybody may invent methods and addresses, and each would be a time series of its own.
_METHODS = frozenset(hdrs.METH_ALL)
OTHER_METHOD = "other"
NO_ROUTE = "unmatched"
# A client that has gone before its answer.
LEFT = "left"


def observe(lasting: AbstractSet[str]) -> Any:
    """Middleware around all others. Requests for the paths in `lasting` last by intent: how long
    says nothing, and a span would end hours after what it explains.

    A caller's `traceparent` is gone on with; else a trace begins here.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in PUBLIC_PATHS:
            return await handler(request)
        given = trace_context.parsed(request.headers.get("traceparent"))
        if request.path in lasting:
            with _ids(given or trace_context.new_traceparent()):
                return await handler(request)
        return await _observed(request, handler, given)

    return middleware


async def _observed(
    request: web.Request, handler: Handler, given: str | None
) -> web.StreamResponse:
    route = route_of(request)
    method = request.method if request.method in _METHODS else OTHER_METHOD
    began, status = time.perf_counter(), 0
    attributes = {"http.request.method": method, "http.route": route}
    with telemetry.span(f"{method} {route}", given, "server", attributes) as span:
        try:
            with _ids(span.traceparent):
                response = await handler(request)
            status = response.status
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            if status:
                span.note("http.response.status_code", status)
            took = time.perf_counter() - began
            HTTP_REQUESTS.labels(route, method, str(status or LEFT)).observe(took)
    return response


def route_of(request: web.Request) -> str:
    """The route's pattern, `/v1/groups/{id}`; one word for all addresses that are no route."""
    resource = request.match_info.route.resource
    return NO_ROUTE if resource is None else resource.canonical


@contextmanager
def _ids(traceparent: str) -> Iterator[None]:
    """Log lines of the block name the request and its trace, and facts go on with the trace."""
    ids = {
        "request_id": secrets.token_hex(8),
        "trace_id": trace_context.trace_id_of(traceparent),
    }
    with trace_context.within(traceparent), bound_contextvars(**ids):
        yield

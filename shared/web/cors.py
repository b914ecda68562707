"""CORS: off, unless origins are listed."""

from typing import Any

from aiohttp import web

from shared.web.limits import POLICY_FIELD, STATE_FIELD
from shared.web.problems import Handler

ALLOWED_HEADERS = "Authorization, Content-Type, Last-Event-ID"
ALLOWED_METHODS = "GET, POST, PATCH, DELETE"
# What a page elsewhere may read of an answer, besides the body.
EXPOSED_HEADERS = f"Retry-After, {STATE_FIELD}, {POLICY_FIELD}"
PREFLIGHT_SECONDS = 600


def cors(origins: frozenset[str]) -> Any:
    """Middleware that answers preflights of `origins`; others get no CORS header at all."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        preflight = request.method == "OPTIONS" and (
            "Access-Control-Request-Method" in request.headers
        )
        if preflight and request.headers.get("Origin") in origins:
            return web.Response(status=204)
        return await handler(request)

    return middleware


def allow_origins(app: web.Application, origins: frozenset[str]) -> None:
    """Put the CORS headers on when a response is prepared: streams begin before middleware ends."""

    async def on_prepare(request: web.Request, response: web.StreamResponse) -> None:
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
            response.headers["Access-Control-Allow-Methods"] = ALLOWED_METHODS
            response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
            response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
            response.headers["Vary"] = "Origin"

    if origins:
        app.on_response_prepare.append(on_prepare)

"""How many streams and polls one address may hold open here."""

from collections import Counter
from typing import Any

from aiohttp import web

from shared.web.limits import POLICY_FIELD, STATE_FIELD
from shared.web.problems import Handler, HttpProblem

# Set by the gateway, which replaces what clients say; without one, whoever is connected counts.
ADDRESS_HEADER = "X-Client-Address"
RETRY_SECONDS = 60


def cap_addresses(most: int, paths: frozenset[str]) -> Any:
    """Middleware that lets each address hold `most` of these doors open; 0 sets no end.

    A cap for all of an office or a mobile network's customers: many people share an address.
    """
    held: Counter[str] = Counter()
    headers = {
        "Retry-After": str(RETRY_SECONDS),
        POLICY_FIELD: f'"address";q={most};qu="concurrent-requests"',
        STATE_FIELD: f'"address";r=0;t={RETRY_SECONDS}',
    }

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not most or request.path not in paths:
            return await handler(request)
        address = request.headers.get(ADDRESS_HEADER) or request.remote or ""
        if held[address] >= most:
            raise HttpProblem(
                429,
                "rate_limited",
                "Too many streams and polls are open from your address. Close some, or try again "
                f"in {RETRY_SECONDS} s.",
                headers,
            )
        held[address] += 1
        try:
            return await handler(request)
        finally:
            held[address] -= 1
            if not held[address]:
                del held[address]

    return middleware

"""Rate limits per user, in this process: N replicas allow N times the limit."""

import math
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web
from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from shared.web.identity import CALLER
from shared.web.problems import Handler, HttpProblem


class RateLimit:
    """`per_second` calls on average, `burst` at once: a moving window that holds one burst."""

    def __init__(self, name: str, per_second: int, burst: int) -> None:
        self._name = name
        self._item = RateLimitItemPerSecond(burst, max(1, round(burst / per_second)))
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def spend(self, user_id: str) -> None:
        """Count one call of `user_id`. Raises HttpProblem 429 with Retry-After."""
        if await self._limiter.hit(self._item, self._name, user_id):
            return
        stats = await self._limiter.get_window_stats(self._item, self._name, user_id)
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        raise HttpProblem(
            429,
            "rate_limited",
            f"Too many {self._name}. Try again in {seconds} s.",
            {"Retry-After": str(seconds)},
        )


def limit_rates(choose: Callable[[web.Request], RateLimit]) -> Any:
    """Middleware that counts every call of an identified caller against the limit it belongs to."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = request.get(CALLER)
        if caller is not None:
            await choose(request).spend(caller.user_id)
        return await handler(request)

    return middleware

"""Rate limits per user, in this process: N replicas allow N times the limit."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from aiohttp import web

from shared.web.identity import CALLER
from shared.web.problems import Handler, HttpProblem

# Beyond it the users seen longest ago are forgotten: they are the likeliest to have a full bucket.
REMEMBERED_USERS = 100_000


class RateLimit:
    """`per_second` calls on average, `burst` at once: a token bucket for each user.

    Kept as the generic cell rate algorithm does (ITU-T I.371): one number for each user, the moment
    at which their bucket would be full again. Nothing has to run in the background.
    """

    def __init__(self, name: str, per_second: int, burst: int) -> None:
        self._name = name
        self._interval = 1.0 / per_second
        self._tolerance = self._interval * (burst - 1)
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def spend(self, user_id: str, now: float | None = None) -> None:
        """Count one call of `user_id` at the monotonic time `now`. Raises HttpProblem 429 with
        Retry-After."""
        now = time.monotonic() if now is None else now
        full_at = max(self._full_at.get(user_id, 0.0), now)
        if (wait := full_at - now - self._tolerance) > 0:
            # A whole second: the header knows no fractions.
            seconds = max(1, math.ceil(wait))
            raise HttpProblem(
                429,
                "rate_limited",
                f"Too many {self._name}. Try again in {seconds} s.",
                {"Retry-After": str(seconds)},
            )
        self._full_at[user_id] = full_at + self._interval
        self._full_at.move_to_end(user_id)
        if len(self._full_at) > REMEMBERED_USERS:
            self._full_at.popitem(last=False)


def limit_rates(choose: Callable[[web.Request], RateLimit]) -> Any:
    """Middleware that counts every call of an identified caller against the limit it belongs to."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = request.get(CALLER)
        if caller is not None:
            choose(request).spend(caller.user_id)
        return await handler(request)

    return middleware

"""Rate limits per user, in this process: N replicas allow N times the limit.

Each answer that counted says what is left, in the fields `RateLimit-Policy` (the limit) and
`RateLimit` (its state) of draft-ietf-httpapi-ratelimit-headers-10.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from shared.web.identity import CALLER
from shared.web.problems import Handler, HttpProblem

# Beyond it the users seen longest ago are forgotten: they are the likeliest to have a full bucket.
REMEMBERED_USERS = 100_000

POLICY_FIELD = "RateLimit-Policy"
STATE_FIELD = "RateLimit"
# What the answer to this request says of the limit that it counted against.
COUNTED = web.RequestKey("counted", Mapping[str, str])

# In seconds. Sums of floats miss by less, and would refuse the last call of a burst.
_ROUNDING = 1e-6


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
        # The quota is what an empty bucket takes; the window, how long it takes to fill again.
        self._policy = f'"{name}";q={burst};w={math.ceil(burst / per_second)}'

    def spend(self, user_id: str, now: float | None = None) -> Mapping[str, str]:
        """Count one call of `user_id` at the monotonic time `now`; answers the headers that say
        what is left. Raises HttpProblem 429 with Retry-After and the same headers."""
        now = time.monotonic() if now is None else now
        full_at = max(self._full_at.get(user_id, 0.0), now)
        if (wait := full_at - now - self._tolerance) > _ROUNDING:
            # A whole second: the header knows no fractions.
            seconds = max(1, math.ceil(wait))
            raise HttpProblem(
                429,
                "rate_limited",
                f"Too many {self._name}. Try again in {seconds} s.",
                {"Retry-After": str(seconds), **self._state(0, seconds)},
            )
        self._full_at[user_id] = full_at = full_at + self._interval
        self._full_at.move_to_end(user_id)
        if len(self._full_at) > REMEMBERED_USERS:
            self._full_at.popitem(last=False)
        taken = full_at - now
        left = int((self._tolerance - taken + _ROUNDING) / self._interval + 1)
        wait = taken if left > 0 else taken - self._tolerance
        return self._state(max(0, left), max(1, math.ceil(wait)))

    def count(self, request: web.Request, user_id: str) -> None:
        """Count `request` as a call of `user_id`; its answer will say what is left. Raises
        HttpProblem 429."""
        request[COUNTED] = self.spend(user_id)

    def _state(self, left: int, seconds: int) -> Mapping[str, str]:
        """`seconds` until the bucket is full, or, when `left` is 0, lets the next call pass."""
        return {
            POLICY_FIELD: self._policy,
            STATE_FIELD: f'"{self._name}";r={left};t={seconds}',
        }


def limit_rates(choose: Callable[[web.Request], RateLimit]) -> Any:
    """Middleware that counts every call of an identified caller against the limit it belongs to."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = request.get(CALLER)
        if caller is not None:
            choose(request).count(request, caller.user_id)
        return await handler(request)

    return middleware


async def tell_what_is_left(request: web.Request, response: web.StreamResponse) -> None:
    """For `on_response_prepare`: streams begin, and refusals are made, where no middleware is."""
    counted = request.get(COUNTED)
    if counted is not None:
        response.headers.update(counted)

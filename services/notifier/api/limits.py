"""Which limit a call counts against."""

from collections.abc import Callable

from aiohttp import web

from shared.web.app import CALLS
from shared.web.limits import RateLimit

# Every replica looks through its memory for each trace, which takes milliseconds.
TRACES_PER_SECOND, TRACES_BURST = 10, 40


def choose_limit() -> Callable[[web.Request], RateLimit]:
    """Traces have a limit of their own; all other calls share the other."""
    traces = RateLimit("traces", TRACES_PER_SECOND, TRACES_BURST)

    def choose(request: web.Request) -> RateLimit:
        return traces if request.path.endswith("/trace") else request.app[CALLS]

    return choose

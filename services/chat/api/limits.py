"""Which limit a call counts against."""

from collections.abc import Callable

from aiohttp import web

from services.chat.settings import Settings
from shared.web.limits import RateLimit


def choose_limit(settings: Settings) -> Callable[[web.Request], RateLimit]:
    """Messages have a limit of their own; all other calls share the other."""
    calls = RateLimit("calls", settings.rate_calls_per_second, settings.rate_calls_burst)
    messages = RateLimit(
        "messages", settings.rate_messages_per_second, settings.rate_messages_burst
    )

    def choose(request: web.Request) -> RateLimit:
        sends = request.method == "POST" and request.path.endswith("/messages")
        return messages if sends else calls

    return choose

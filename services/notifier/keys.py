"""What the doors find in the application."""

from collections.abc import Callable

from aiohttp import web

from services.notifier.settings import Settings
from services.notifier.streams.parts import Streams
from services.notifier.tickets import Tickets
from shared.erasures.memory import Memory
from shared.erasures.work import Erasing
from shared.outbox.record import Outbox
from shared.web.service_tokens import ServiceTokens

SETTINGS = web.AppKey("settings", Settings)
STREAMS = web.AppKey("streams", Streams)
OUTBOX = web.AppKey("outbox", Outbox)
SERVICE_TOKENS = web.AppKey("service_tokens", ServiceTokens)
TICKETS = web.AppKey("tickets", Tickets)
MEMORY = web.AppKey("memory", Memory)
ERASING = web.AppKey("erasing", Erasing)
END: web.AppKey[Callable[[], None]] = web.AppKey("end")

"""What the doors find in the application."""

from collections.abc import Callable

from aiohttp import web

from services.notifier.settings import Settings
from services.notifier.streams.parts import Streams
from services.notifier.tickets import Tickets
from shared.outbox.record import Outbox

SETTINGS = web.AppKey("settings", Settings)
STREAMS = web.AppKey("streams", Streams)
OUTBOX = web.AppKey("outbox", Outbox)
TICKETS = web.AppKey("tickets", Tickets)
END: web.AppKey[Callable[[], None]] = web.AppKey("end")

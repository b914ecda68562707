"""The notifier's application: what it consists of, in the order in which it starts."""

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from aiohttp import web

from services.notifier.actions.erasing import erase, told
from services.notifier.api import LOCAL_SIGN_IN, ROUTES
from services.notifier.api.addresses import cap_addresses
from services.notifier.api.deletions import DELETIONS, Deletions
from services.notifier.api.limits import choose_limit
from services.notifier.inbox.batches import Batches
from services.notifier.inbox.screening import Screening
from services.notifier.keys import (
    END,
    ERASING,
    MEMORY,
    OUTBOX,
    SERVICE_TOKENS,
    SETTINGS,
    STREAMS,
    TICKETS,
)
from services.notifier.retention import Notifications
from services.notifier.settings import Settings
from services.notifier.streams.drain import drain
from services.notifier.streams.parts import running_streams
from services.notifier.streams.store_watch import end_process
from services.notifier.tickets import Tickets
from shared.erasures.memory import Memory
from shared.erasures.work import Erasing
from shared.outbox.record import Outbox
from shared.outbox.relay import Relay
from shared.rabbitmq.consumer import Consumer
from shared.rabbitmq.publisher import Publisher
from shared.rabbitmq.topology import SERVICE_QUEUES
from shared.retention import Retention
from shared.supervision import running
from shared.web.app import DATABASE, HEALTH, new_app
from shared.web.service_tokens import ServiceTokens

# These doors take a ticket as well, and count against the limit when they open.
OPENING_PATHS = frozenset({"/v1/sse/stream", "/v1/sse/poll"})
# Whoever signs in has no token yet. Public also where it is switched off: 404, not 401.
SIGN_IN_PATHS = frozenset({"/v1/local"})


def create_app(settings: Settings, end: Callable[[], None] = end_process) -> web.Application:
    """`end` ends this process; it is called when the store was replaced under it."""
    app = new_app(
        settings,
        choose_limit=choose_limit(),
        public=OPENING_PATHS | SIGN_IN_PATHS,
        lasting=OPENING_PATHS,
    )
    app.middlewares.append(cap_addresses(settings.streams_per_address, OPENING_PATHS))
    app[SETTINGS] = settings
    app[END] = end
    app[OUTBOX] = Outbox(app[DATABASE])
    app[MEMORY] = Memory(settings.secret_of_erasures)
    dsn = str(settings.database_url)
    app[ERASING] = Erasing(dsn, app[DATABASE], app[OUTBOX], app[MEMORY], erase, told, app[HEALTH])
    app[SERVICE_TOKENS] = ServiceTokens(settings.service_secret.get_secret_value(), "notifier")
    app[DELETIONS] = Deletions(app[DATABASE])
    app[TICKETS] = Tickets(settings.ticket_secret.get_secret_value(), settings.ticket_seconds)
    app.add_routes(ROUTES)
    if settings.local_sign_in:
        app.add_routes(LOCAL_SIGN_IN)
    app.cleanup_ctx.extend([_database, _relay, _streams, _erasing, _consumer, _retention])
    app.on_shutdown.append(_drain)
    return app


async def _database(app: web.Application) -> AsyncIterator[None]:
    async with app[DATABASE].opened():
        yield


async def _relay(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    publisher = Publisher(str(settings.amqp_url), "notifier relay")
    kept = timedelta(hours=settings.outbox_kept_hours)
    relay = Relay(str(settings.database_url), app[OUTBOX], publisher, app[HEALTH], kept)
    async with relay.running():
        yield


async def _streams(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    # Unique even where an operator gives two replicas one name.
    replica = f"{settings.replica or 'notifier'}-{secrets.token_hex(4)}"
    async with running_streams(
        settings, replica, app[DATABASE], app[OUTBOX], app[HEALTH], app[END]
    ) as streams:
        app[STREAMS] = streams
        yield


async def _consumer(app: web.Application) -> AsyncIterator[None]:
    kept = timedelta(days=app[SETTINGS].notifications_kept_days)
    screening = Screening(app[DATABASE], app[OUTBOX], kept, app[MEMORY])
    streams, asked = app[STREAMS], app[ERASING].asked
    batches = Batches(
        app[DATABASE], screening, asked, streams.hub, streams.live, streams.offers.awaited
    )
    consumer = Consumer(
        str(app[SETTINGS].amqp_url), SERVICE_QUEUES["notifier"], batches.handle, app[HEALTH]
    )
    async with running(Consumer.PART, consumer.run, app[HEALTH]):
        yield


async def _erasing(app: web.Application) -> AsyncIterator[None]:
    async with running(Erasing.PART, app[ERASING].run, app[HEALTH]):
        yield


async def _retention(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    sweeps = {
        "notifications": Notifications(timedelta(days=settings.notifications_kept_days)).sweep,
    }
    every = settings.retention_every_seconds
    retention = Retention(str(settings.database_url), sweeps, every, app[HEALTH])
    async with running(Retention.PART, retention.run, app[HEALTH]):
        yield


async def _drain(app: web.Application) -> None:
    app[HEALTH].down("draining", "this replica is stopping")
    await drain(app[STREAMS].hub, app[SETTINGS].drain_seconds)

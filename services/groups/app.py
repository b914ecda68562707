"""The groups service, put together."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
from aiohttp import web

from services.groups.actions.erasing import erase, told
from services.groups.api import ROUTES
from services.groups.api.context import ERASING, MEMORY, OUTBOX, SERVICE_TOKENS
from services.groups.api.names import KnownNames, learn_names
from services.groups.api.telling import CHAT, tell_chat
from services.groups.settings import Settings
from shared.erasures import work as erased
from shared.erasures.memory import Memory
from shared.erasures.work import Erasing
from shared.outbox.record import Outbox
from shared.outbox.relay import Relay
from shared.rabbitmq.publisher import Publisher
from shared.retention import Retention
from shared.supervision import running
from shared.web.app import DATABASE, HEALTH, new_app
from shared.web.best_effort import BestEffort
from shared.web.peer import Peer
from shared.web.service_tokens import ServiceTokens


def create_app(settings: Settings) -> web.Application:
    app = new_app(settings)
    app.middlewares.extend([learn_names(KnownNames()), tell_chat])
    app[OUTBOX] = Outbox(app[DATABASE])
    app[SERVICE_TOKENS] = ServiceTokens(settings.service_secret.get_secret_value(), "groups")
    app[MEMORY] = Memory(settings.secret_of_erasures)
    dsn = str(settings.database_url)
    app[ERASING] = Erasing(dsn, app[DATABASE], app[OUTBOX], app[MEMORY], erase, told, app[HEALTH])
    app.add_routes(ROUTES)

    async def database(app: web.Application) -> AsyncIterator[None]:
        async with app[DATABASE].opened():
            yield

    async def relay(app: web.Application) -> AsyncIterator[None]:
        publisher = Publisher(str(settings.amqp_url), "groups relay")
        kept = timedelta(hours=settings.outbox_kept_hours)
        relay = Relay(str(settings.database_url), app[OUTBOX], publisher, app[HEALTH], kept)
        async with relay.running():
            yield

    async def chat(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as http:
            urls = [str(url) for url in settings.chat_url]
            app[CHAT] = BestEffort(Peer(http, urls, app[SERVICE_TOKENS]), "chat")
            yield

    async def erasing(app: web.Application) -> AsyncIterator[None]:
        async with running(Erasing.PART, app[ERASING].run, app[HEALTH]):
            yield

    async def retention(app: web.Application) -> AsyncIterator[None]:
        sweeps = {
            "erasures": erased.told(),
        }
        every = settings.retention_every_seconds
        kept = Retention(str(settings.database_url), sweeps, every, app[HEALTH])
        async with running(Retention.PART, kept.run, app[HEALTH]):
            yield

    app.cleanup_ctx.extend([database, relay, chat, erasing, retention])
    return app

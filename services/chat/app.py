"""The chat service's application: what it consists of, in the order in which it starts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
from aiohttp import web

from services.chat.actions.ask_groups import GroupCopy
from services.chat.actions.erasing import erase, told
from services.chat.actions.learn_name import KnownNames
from services.chat.actions.post_messages import Posting
from services.chat.api import ROUTES
from services.chat.api.context import (
    ERASING,
    GROUP_COPY,
    MEMORY,
    MOVED,
    NOTIFIER,
    OUTBOX,
    POSTING,
    SERVICE_TOKENS,
)
from services.chat.api.limits import choose_limit
from services.chat.api.names import learn_names
from services.chat.background import Copy, Receipts
from services.chat.groups_client import GroupsClient
from services.chat.inbox import Inbox
from services.chat.inbox.lag import CopyLag
from services.chat.retention import HandledEvents, messages
from services.chat.settings import Settings
from shared.erasures import work as erased
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
from shared.web.best_effort import BestEffort
from shared.web.peer import Peer
from shared.web.service_tokens import ServiceTokens

SETTINGS = web.AppKey("settings", Settings)


def create_app(settings: Settings) -> web.Application:
    app = new_app(settings, choose_limit=choose_limit(settings))
    app.middlewares.append(learn_names(KnownNames(app[DATABASE])))
    app[SETTINGS] = settings
    app[OUTBOX] = Outbox(app[DATABASE])
    app[MOVED] = asyncio.Event()
    app[SERVICE_TOKENS] = ServiceTokens(settings.service_secret.get_secret_value(), "chat")
    app[POSTING] = Posting(app[OUTBOX], app[MOVED])
    app[MEMORY] = Memory(settings.secret_of_erasures)
    dsn = str(settings.database_url)
    app[ERASING] = Erasing(dsn, app[DATABASE], app[OUTBOX], app[MEMORY], erase, told, app[HEALTH])
    app.add_routes(ROUTES)
    app.cleanup_ctx.extend([_database, _peers, _relay, _erasing, _consumer, _receipts, _retention])
    return app


async def _database(app: web.Application) -> AsyncIterator[None]:
    async with app[DATABASE].opened():
        yield


async def _peers(app: web.Application) -> AsyncIterator[None]:
    settings, tokens = app[SETTINGS], app[SERVICE_TOKENS]
    async with aiohttp.ClientSession() as http:
        groups = Peer(http, [str(url) for url in settings.groups_url], tokens)
        notifier = Peer(http, [str(url) for url in settings.notifier_url], tokens)
        app[GROUP_COPY] = GroupCopy(app[DATABASE], app[OUTBOX], GroupsClient(groups))
        app[NOTIFIER] = BestEffort(notifier, "notifier")
        yield


async def _relay(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    publisher = Publisher(str(settings.amqp_url), "chat relay")
    kept = timedelta(hours=settings.outbox_kept_hours)
    relay = Relay(str(settings.database_url), app[OUTBOX], publisher, app[HEALTH], kept)
    async with relay.running():
        yield


async def _consumer(app: web.Application) -> AsyncIterator[None]:
    health, lag = app[HEALTH], CopyLag()
    asked = app[ERASING].asked
    inbox = Inbox(app[DATABASE], app[OUTBOX], app[MOVED], lag, app[MEMORY], asked)
    consumer = Consumer(str(app[SETTINGS].amqp_url), SERVICE_QUEUES["chat"], inbox.handle, health)
    async with (
        running(Copy.PART, Copy(lag, health).watch, health),
        running(Consumer.PART, consumer.run, health),
    ):
        yield


async def _receipts(app: web.Application) -> AsyncIterator[None]:
    receipts = Receipts(app[DATABASE], app[OUTBOX], app[MOVED], app[HEALTH])
    async with running(Receipts.PART, receipts.run, app[HEALTH]):
        yield


async def _erasing(app: web.Application) -> AsyncIterator[None]:
    async with running(Erasing.PART, app[ERASING].run, app[HEALTH]):
        yield


async def _retention(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    sweeps = {
        "erasures": erased.told(),
        "handled_events": HandledEvents(str(settings.amqp_url)).sweep,
    }
    if settings.messages_kept_days is not None:
        sweeps["messages"] = messages(timedelta(days=settings.messages_kept_days))
    every = settings.retention_every_seconds
    retention = Retention(str(settings.database_url), sweeps, every, app[HEALTH])
    async with running(Retention.PART, retention.run, app[HEALTH]):
        yield

"""Chat to its operators: replaying into its copy of the groups and into the watermarks, what it
holds of a person, and how far an erasure is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click

from services.chat.actions.erasing import erase, told
from services.chat.inbox import Inbox
from services.chat.inbox.lag import CopyLag
from services.chat.settings import Settings
from shared.erasures.memory import Memory
from shared.erasures.work import Erasing
from shared.logs import set_up_logs
from shared.operations.command import Operated, operations
from shared.operations.doors import EXPORT, Door, add_doors
from shared.operations.erasing import erasing_on_the_way
from shared.outbox.record import Outbox
from shared.postgres.pool import Database
from shared.supervision import Health

ERASURE = Door(
    *("erasure", "NUMBER", "GET", "/internal/v1/erasures/{}"),
    "Print how far the erasure with this NUMBER is; exit code 1 until all services have answered.",
)


def commands() -> click.Group:
    """The operator's commands; settings are read from the environment, as for serving."""
    replayed = operations("chat", lambda: str(Settings.read().amqp_url), opened)
    return add_doors(replayed, Settings.read, EXPORT, ERASURE)


@asynccontextmanager
async def opened(_silent: bool) -> AsyncIterator[Operated]:
    """Handles as the consumer does. What it records, and the receipts it comes to owe, are sent by
    the replicas that serve, within a second."""
    settings = Settings.read()
    set_up_logs("chat", "error")
    dsn = str(settings.database_url)
    database = Database(dsn, 2)
    async with database.opened():
        outbox, memory = Outbox(database), Memory(settings.secret_of_erasures)
        erasing = Erasing(dsn, database, outbox, memory, erase, told, Health())
        inbox = Inbox(database, outbox, asyncio.Event(), CopyLag(), memory, erasing.asked)
        yield Operated(erasing_on_the_way(inbox.apply, erasing))

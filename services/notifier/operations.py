"""The notifier to its operators: replaying into it, filling an empty database from the log, what it
holds of a person, and ending what somebody listens to."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import click

from services.notifier.actions.erasing import erase, told
from services.notifier.inbox.batches import Landed, store
from services.notifier.inbox.screening import Screening
from services.notifier.settings import Settings
from services.notifier.storage import events, mailboxes
from services.notifier.streams.hub import Hub
from services.notifier.streams.live import Live
from shared.erasures.memory import Memory
from shared.erasures.work import Erasing
from shared.events.envelope import Event
from shared.logs import set_up_logs
from shared.operations.command import Operated, operations
from shared.operations.doors import EXPORT, Door, add_doors
from shared.operations.erasing import erasing_on_the_way
from shared.outbox.record import Outbox
from shared.postgres.pool import Database
from shared.rabbitmq.fanout import Fanout
from shared.supervision import Health

DISCONNECT = Door(
    *("disconnect", "USER", "POST", "/internal/v1/users/{}/disconnect"),
    "End all streams and polls of USER, at every replica.",
)


class Store:
    """The rebuild's view of the notifier's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_empty(self) -> bool:
        async with self._database.connection() as connection:
            return not await events.any_stored(connection)

    async def held(self) -> set[UUID]:
        async with self._database.connection() as connection:
            return await events.stored_ids(connection)

    async def finish(self) -> None:
        """Count everything as delivered. Clients that have been here before come with a cursor of
        the old store, and are told to reload; without this, all others would get their whole
        history as if it were new."""
        async with self._database.connection() as connection:
            await mailboxes.count_as_delivered(connection)


def commands() -> click.Group:
    """The operator's commands; settings are read from the environment, as for serving."""
    replayed = operations("notifier", lambda: str(Settings.read().amqp_url), opened)
    return add_doors(replayed, Settings.read, EXPORT, DISCONNECT)


@asynccontextmanager
async def opened(silent: bool) -> AsyncIterator[Operated]:
    """Stores as the consumer does, and tells the replicas what is new, unless `silent`."""
    settings = Settings.read()
    set_up_logs("notifier", "error")
    dsn = str(settings.database_url)
    database = Database(dsn, 2)
    fanout = Fanout(str(settings.amqp_url), f"replay-{secrets.token_hex(4)}")
    live = Live(fanout, Hub(), Health())
    outbox, memory = Outbox(database), Memory(settings.secret_of_erasures)
    erasing = Erasing(dsn, database, outbox, memory, erase, told, Health())
    kept = timedelta(days=settings.notifications_kept_days)
    screening = Screening(database, outbox, kept, memory)

    async def handle(batch: Sequence[Event]) -> int:
        landed = Landed()
        try:
            batch = await screening.screened(batch)
            await store(database, batch, landed)
            await screening.note_erasures(batch)
        finally:
            # Of what was stored before, the streams need not hear again.
            new = [push for push in landed.pushes if push.recipients is not None]
            if new and not silent:
                await live.tell(new)
        return len(new)

    async with database.opened(), fanout.listening(lambda _: None) as ended:
        # Without the line to the replicas, streams find what is new at their next heartbeat.
        watching = asyncio.ensure_future(ended)
        try:
            yield Operated(erasing_on_the_way(handle, erasing), Store(database))
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

"""The parts of the streams, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from services.notifier.settings import Settings
from services.notifier.storage import events, presence
from services.notifier.streams.acknowledged import Acknowledged
from services.notifier.streams.awaited import Awaited
from services.notifier.streams.delivered import Delivered
from services.notifier.streams.drift import DriftCheck
from services.notifier.streams.feed import Feed
from services.notifier.streams.hub import Hub
from services.notifier.streams.live import Live
from services.notifier.streams.offered import Offers
from services.notifier.streams.opening import Openings
from services.notifier.streams.remembering import Remembering
from services.notifier.streams.sessions import Sessions
from services.notifier.streams.store_watch import StoreWatch
from services.notifier.streams.sweep import Sweep
from shared.outbox.record import Outbox
from shared.postgres.pool import Database, DatabaseAway
from shared.rabbitmq.fanout import Fanout
from shared.supervision import Health, running

# A herd that comes back after a restart waits in line for a turn: the loop stays free for those who
# are in already, and for the gateway, which would take a late answer to /healthz for a death.
OPENING_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class Streams:
    """What the doors of streams and polls need. Whoever opens one takes a turn until it is open."""

    epoch: int
    hub: Hub
    feed: Feed
    delivered: Delivered
    acknowledged: Acknowledged
    live: Live
    sessions: Sessions
    sweep: Sweep
    openings: Openings
    turns: asyncio.Semaphore
    offers: Offers
    remembering: Remembering


@asynccontextmanager
async def running_streams(
    settings: Settings,
    replica: str,
    database: Database,
    outbox: Outbox,
    health: Health,
    end: Callable[[], None],
) -> AsyncIterator[Streams]:
    """Everything that serves streams, running for the length of the block. `end` is called when
    the store was replaced."""
    async with database.connection() as connection:
        epoch = await events.epoch(connection)
    hub = Hub()
    feed = Feed(database)
    delivered = Delivered(outbox, health)
    awaited = Awaited(hub)
    offers = Offers(replica, awaited)
    acknowledged = Acknowledged(outbox, offers)
    fanout = Fanout(str(settings.amqp_url), replica)
    remembering = Remembering(fanout, offers, database)
    live = Live(fanout, hub, health, awaited, remembering)
    sessions = Sessions(database, hub, live, replica, settings.streams_per_user, health)
    sweep = Sweep(
        hub,
        database,
        epoch,
        health,
        heartbeat=settings.heartbeat_seconds,
        stale_every=settings.stale_sweep_seconds,
        stale_after=settings.stale_after_seconds,
    )
    watch = StoreWatch(database, epoch, end, health)
    openings = Openings(feed, delivered, acknowledged, epoch, settings.replay_limit)
    turns = asyncio.Semaphore(OPENING_AT_ONCE)
    async with AsyncExitStack() as stack:
        for part in (live, sessions, delivered, sweep, watch, DriftCheck(database, health)):
            await stack.enter_async_context(running(part.PART, part.run, health))
        yield Streams(
            epoch=epoch,
            hub=hub,
            feed=feed,
            delivered=delivered,
            acknowledged=acknowledged,
            live=live,
            sessions=sessions,
            sweep=sweep,
            openings=openings,
            turns=turns,
            offers=offers,
            remembering=remembering,
        )
    # The streams are closed by now; what they left to be written is written here.
    with suppress(DatabaseAway):
        await delivered.flush()
        await sessions.flush()
        async with database.connection() as connection:
            await presence.end_lease(connection, replica)

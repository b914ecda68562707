"""The book of streams while the database hangs or is away: nothing is lost, doubled or complained
of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import pytest

from services.notifier.streams import sessions
from services.notifier.streams.follower import Follower
from services.notifier.streams.hub import Hub
from services.notifier.streams.live import Live
from services.notifier.streams.sessions import Sessions
from shared.postgres.pool import Database, DatabaseAway, OwnConnection
from shared.rabbitmq.fanout import Fanout
from shared.supervision import Health
from tests.fixtures.waiting import eventually

# Who waits to note when somebody was last seen.
WAITING = """
    SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'
    AND datname = current_database() AND query LIKE '%INTO presence%'
"""


@pytest.fixture
async def book(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Sessions]:
    """The book of a replica, whose lease is renewed all the time."""
    monkeypatch.setattr(sessions, "LEASE_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(sessions, "GATHER_SECONDS", 0.0)
    hub = Hub()
    live = Live(Fanout(environment["amqp_url"], "one"), hub, Health())
    async with Database(environment["database_url"], 4).opened() as database:
        yield Sessions(database, hub, live, "one", 20, Health())


@asynccontextmanager
async def hanging(database: OwnConnection) -> AsyncIterator[None]:
    """Nobody can note when Bob was last seen for the length of the block."""
    async with database.transaction():
        await database.execute("INSERT INTO presence VALUES ('bob', now(), now())")
        yield


@pytest.fixture
async def complaints() -> AsyncIterator[list[str]]:
    """What the loop would log of failures that nobody took notice of."""
    heard: list[str] = []

    def hear(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        heard.append(str(context["message"]))

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(hear)
    yield heard
    loop.set_exception_handler(None)


@pytest.fixture
async def watcher(environment: dict[str, str]) -> AsyncIterator[OwnConnection]:
    connection = await asyncpg.connect(environment["database_url"])
    try:
        yield connection
    finally:
        await connection.close()


async def waiting(watcher: OwnConnection) -> list[int]:
    return [row["pid"] for row in await watcher.fetch(WAITING)]


async def test_a_replica_that_stops_while_the_database_hangs_complains_of_nothing(
    book: Sessions, database: OwnConnection, watcher: OwnConnection, complaints: list[str]
) -> None:
    running = asyncio.create_task(book.run())
    async with hanging(database):
        book.opened(Follower("bob"))
        book.polled("bob")

        async def hangs() -> bool:
            return bool(await waiting(watcher))

        await eventually(hangs)
        running.cancel()
        await asyncio.wait([running], timeout=1)
        for pid in await waiting(watcher):
            await watcher.execute("SELECT pg_terminate_backend($1)", pid)

        async def given_up() -> bool:
            return not await waiting(watcher)

        await eventually(given_up)
    assert running.cancelled()
    # What it could not write is written when it closes its books.
    await book.flush()
    assert await database.fetchval("SELECT count(*) FROM stream_sessions") == 1
    del running
    await asyncio.sleep(0)
    assert complaints == []


async def test_a_write_that_takes_longer_than_the_lease_is_not_met_by_another(
    book: Sessions, database: OwnConnection, watcher: OwnConnection
) -> None:
    running = asyncio.create_task(book.run())
    async with hanging(database):
        stays, goes = Follower("bob"), Follower("bob")
        most = 0
        for follower in (stays, goes):
            book.opened(follower)
            book.polled("bob")
            for _ in range(20):
                await asyncio.sleep(0.01)
                most = max(most, len(await waiting(watcher)))
        book.ended(goes)
    assert most == 1

    async def noted() -> bool:
        rows = await database.fetch("SELECT id FROM stream_sessions")
        return [row["id"] for row in rows] == [stays.id]

    await eventually(noted)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_what_the_database_refused_is_written_when_it_is_back(
    book: Sessions, database: OwnConnection, watcher: OwnConnection
) -> None:
    follower = Follower("bob")
    async with hanging(database):
        book.opened(follower)
        book.polled("bob")
        writing = asyncio.create_task(book.flush())

        async def hangs() -> bool:
            return bool(await waiting(watcher))

        await eventually(hangs)
        [pid] = await waiting(watcher)
        await watcher.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(DatabaseAway):
            await writing
    await book.flush()
    assert await database.fetchval("SELECT id FROM stream_sessions") == follower.id
    assert await database.fetchval("SELECT online_until > now() FROM presence") is True

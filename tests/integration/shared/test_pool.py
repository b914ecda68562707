"""The pool tells a database that is away from a value that no database takes."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest
from yarl import URL

from shared.postgres import pool
from shared.postgres.pool import Database, DatabaseAway
from tests.faults.proxy import Proxy
from tests.fixtures.postgres import Databases


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    made = await databases.of("chat")
    async with Database(made.runtime_url, 2).opened() as opened:
        yield opened


async def test_a_value_that_fits_nowhere_is_no_reason_to_wait(database: Database) -> None:
    with pytest.raises(asyncpg.DataError):
        async with database.connection() as connection:
            await connection.fetchval("SELECT $1::bigint", 10**30)


async def test_a_driver_in_disarray_counts_as_a_database_that_is_away(database: Database) -> None:
    """As when the server ends a session just while it is given back."""
    with pytest.raises(DatabaseAway):
        async with database.connection():
            raise asyncpg.InternalClientError("cannot switch to state 12")


async def test_a_session_that_was_ended_counts_as_a_database_that_is_away(
    database: Database,
) -> None:
    with pytest.raises(DatabaseAway):
        async with database.connection() as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    await database.ping()


async def test_a_lost_link_costs_one_wait_whatever_was_going_on(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "COMMAND_SECONDS", 1.0)
    url = URL((await databases.of("chat")).runtime_url)
    async with Proxy([url.port or 5432]).running() as proxy:
        through = str(url.with_host("127.0.0.1").with_port(proxy.port))
        async with Database(through, 2).opened() as database:
            async with database.connection(), database.connection():
                pass
            proxy.blackhole()
            began = time.monotonic()
            with pytest.raises(DatabaseAway):
                async with database.transaction() as connection:
                    await connection.fetchval("SELECT 1")
            # The other connection is lost as well, and nobody has to find out.
            await asyncio.gather(database.ping(), database.ping())
            assert time.monotonic() - began < 2 * pool.COMMAND_SECONDS


async def test_a_row_that_somebody_holds_is_named_without_its_values(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pool.SERVER_SETTINGS, "lock_timeout", "50")
    url = (await databases.of("notifier")).runtime_url
    async with Database(url, 2).opened() as database, database.transaction() as holder:
        await holder.execute("INSERT INTO mailboxes (user_id) VALUES ('somebody')")
        with pytest.raises(DatabaseAway) as away:
            async with database.connection() as waiting:
                await waiting.execute("INSERT INTO mailboxes (user_id) VALUES ('somebody')")
        await holder.execute("DELETE FROM mailboxes WHERE user_id = 'somebody'")
    assert away.value.reason.startswith("LockNotAvailableError while inserting index tuple (")
    assert "somebody" not in away.value.reason

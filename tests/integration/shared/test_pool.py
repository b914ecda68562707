"""The pool tells a database that is away from a value that no database takes."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.postgres.pool import Database, DatabaseAway
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

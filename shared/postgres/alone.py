"""Work that one replica does at a time, on a connection of its own that holds a session's lock.

The lock ends with the connection: it can't leak through a pool, and a replica that dies lets go of
it. Working on the same connection is what proves that it is still held.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from shared.postgres.pool import (
    ACQUIRE_SECONDS,
    COMMAND_SECONDS,
    SERVER_SETTINGS,
    TRANSIENT,
    DatabaseAway,
    OwnConnection,
)

# A session that a network lost without a word gives up its lock after so long; one that works
# pauses for less.
SILENCE = "30s"


@asynccontextmanager
async def alone(dsn: str, lock: int, name: str) -> "AsyncIterator[OwnConnection | None]":
    """A connection that holds `lock` for the length of the block; None while another replica has
    it. Raises DatabaseAway, also for what the block raises when its connection is lost."""
    try:
        connection = await asyncpg.connect(
            dsn,
            timeout=ACQUIRE_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings={
                **SERVER_SETTINGS,
                "application_name": name,
                "idle_session_timeout": SILENCE,
            },
        )
        try:
            held = await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock)
            yield connection if held else None
        finally:
            # A graceful close would wait on a server that may be gone.
            connection.terminate()
    except TRANSIENT as error:
        raise DatabaseAway from error

"""The connection pool of a running service, with a time-out on everything that can hang."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

import asyncpg

from shared.errors import Unavailable

ACQUIRE_SECONDS = 5.0
COMMAND_SECONDS = 10.0

# The server gives up first, so that a lost client cannot leave a lock behind.
SERVER_SETTINGS = {
    "statement_timeout": "8000",
    "lock_timeout": "4000",
    "idle_in_transaction_session_timeout": "10000",
    "jit": "off",
}

# Generic for the type checker only: at run time asyncpg's classes take no parameters.
Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
OwnConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# What a statement raises when the database is away, and a later try may succeed.
TRANSIENT: tuple[type[BaseException], ...] = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    # What asyncpg raises where a connection is cut off in the middle of an answer.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.CannotConnectNowError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    # While a database is rebuilt or restored it is gone for a moment, then has no tables, then not
    # all of them, nor the rights to them. Calling that a fault of the event at hand would park one
    # event after the other.
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidColumnReferenceError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ReadOnlySQLTransactionError,
    # A migration has changed what a statement answers, which is known for the next time.
    asyncpg.InvalidCachedStatementError,
)


async def _keep_session(_: object) -> None:
    """What happens to a connection that is given back: nothing. No statement here leaves session
    state behind, and asyncpg's default costs a round trip each time; it still rolls back what was
    left open."""


class _Closing(asyncpg.Connection):
    """Gives up on a goodbye that nobody answers: the pool sets no time for those it replaces."""

    async def close(self, *, timeout: float | None = None) -> None:
        with suppress(TimeoutError):
            await super().close(timeout=timeout or ACQUIRE_SECONDS)


class DatabaseAway(Unavailable):
    code = "database_unavailable"

    def __init__(self, reason: str = "") -> None:
        super().__init__("The database is away. Try again in a few seconds.")
        self.reason = reason


def _reason(error: BaseException) -> str:
    """What kind of error it is, and of a lock on whose row or table. Not what it says: that may
    quote values."""
    kind = type(error).__name__
    if isinstance(error, asyncpg.LockNotAvailableError) and error.context:
        return f"{kind} {error.context.splitlines()[0]}"
    return kind


class Database:
    """The pool, with waits that are bounded: callers get `DatabaseAway`, never a hang."""

    def __init__(self, dsn: str, size: int) -> None:
        self._dsn = dsn
        self._size = size
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Database"]:
        """Open the pool for the length of the block; raises what asyncpg raises if it can't."""
        self._pool = await asyncpg.create_pool(
            self._dsn,
            min_size=1,
            max_size=self._size,
            timeout=ACQUIRE_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings=SERVER_SETTINGS,
            reset=_keep_session,
            connection_class=_Closing,
        )
        try:
            yield self
        finally:
            try:
                await asyncio.wait_for(self._pool.close(), ACQUIRE_SECONDS)
            except TimeoutError:
                self._pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Borrow a connection, outside any transaction. Raises DatabaseAway."""
        assert self._pool is not None, "the pool is opened by the application's cleanup context"
        try:
            async with (
                self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection,
                self._dropped_if_silent(connection),
            ):
                yield connection
        except TRANSIENT as error:
            if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
                # A value that no column holds: tried again for ever, one event would stop a queue.
                raise
            raise DatabaseAway(_reason(error)) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction, committed when the block ends normally. Raises DatabaseAway.

        When the connection is lost during COMMIT the outcome is unknown: callers must be able to
        try again with the same key.
        """
        async with (
            self.connection() as connection,
            connection.transaction(),
            # Before the rollback, which would wait for an answer as well.
            self._dropped_if_silent(connection),
        ):
            yield connection

    @asynccontextmanager
    async def _dropped_if_silent(self, connection: Connection) -> AsyncIterator[None]:
        """Give up the connection when a statement in the block has no answer. The server gives up
        on statements first and says so: this silence is a lost link. The driver would ask, on
        another connection, to cancel the statement, and wait for the lost one to confirm it."""
        began = time.monotonic()
        try:
            yield
        except TimeoutError:
            connection.terminate()
            if time.monotonic() - began >= COMMAND_SECONDS and self._pool is not None:
                # Others were lost with it, and each would cost its caller the same wait.
                await self._pool.expire_connections()
            raise

    async def ping(self) -> None:
        """Raises DatabaseAway when a trivial statement does not come back."""
        async with self.connection() as connection:
            await connection.fetchval("SELECT 1", timeout=2.0)

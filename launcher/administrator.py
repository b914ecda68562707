"""What PostgreSQL's administrator does there by a statement of its own."""

import asyncpg

from launcher.errors import LaunchError
from shared.errors import words_of

CONNECT_SECONDS = 10.0


async def execute_as_administrator(url: str, statement: str, failure: str) -> None:
    """Execute `statement` as the user in `url`. Raises LaunchError that begins with `failure`."""
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise LaunchError(
            f"{failure}: {words_of(error)}. See that PostgreSQL runs, and run this again."
        ) from error

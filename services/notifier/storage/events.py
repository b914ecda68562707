"""Events: the content that all recipients share, and the store's epoch."""

from collections.abc import Sequence
from uuid import UUID

from services.notifier.domain import blanked_data
from shared.postgres.pool import Connection


async def epoch(connection: Connection) -> int:
    """The epoch of this store: the moment, in epoch seconds, at which it was first used. A store
    that is rebuilt gets another one."""
    await connection.execute(
        "INSERT INTO store (epoch) VALUES (extract(epoch FROM clock_timestamp())::bigint)"
        " ON CONFLICT DO NOTHING"
    )
    return int(await connection.fetchval("SELECT epoch FROM store"))


async def present_epoch(connection: Connection) -> int | None:
    """The epoch, without choosing one; None for a store that was not used yet."""
    epoch: int | None = await connection.fetchval("SELECT epoch FROM store")
    return epoch


async def any_stored(connection: Connection) -> bool:
    """Whether anything was stored since this database was made."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM events)"))


async def stored_ids(connection: Connection) -> set[UUID]:
    """The ids of all events that somebody has an entry of."""
    # Fetched in parts: read as a whole, a large table takes longer than a statement may.
    async with connection.transaction():
        cursor = connection.cursor("SELECT id FROM events", prefetch=10_000)
        return {row["id"] async for row in cursor}


async def blank_messages(connection: Connection, message_ids: Sequence[UUID]) -> None:
    """Take the content of deleted messages out of their `message.new` events."""
    rows = await connection.fetch(
        "SELECT key, data FROM events WHERE message_id = ANY($1::uuid[]) AND type = 'message.new'"
        " ORDER BY key FOR UPDATE",
        message_ids,
    )
    await connection.executemany(
        "UPDATE events SET message = '', data = $2 WHERE key = $1",
        [(row["key"], blanked_data(row["data"]).decode()) for row in rows],
    )


async def deleted_among(connection: Connection, message_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the messages whose deletion was stored."""
    rows = await connection.fetch(
        "SELECT message_id FROM events"
        " WHERE message_id = ANY($1::uuid[]) AND type = 'message.deleted'",
        message_ids,
    )
    return {row["message_id"] for row in rows}

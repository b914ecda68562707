"""Events: the content that all recipients share, and the store's epoch."""

from collections.abc import Sequence
from uuid import UUID

from pydantic_core import from_json, to_json

from shared.postgres.pool import Connection


async def epoch(connection: Connection) -> int:
    """The epoch of this store: the moment, in epoch seconds, at which it was first used. A store
    that is rebuilt gets another one."""
    await connection.execute(
        "INSERT INTO store (epoch) VALUES (extract(epoch FROM clock_timestamp())::bigint)"
        " ON CONFLICT DO NOTHING"
    )
    return int(await connection.fetchval("SELECT epoch FROM store"))


async def any_stored(connection: Connection) -> bool:
    """Whether anything was stored since this database was made."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM events)"))


async def blank_messages(connection: Connection, message_ids: Sequence[UUID]) -> None:
    """Take the content of deleted messages out of their `message.new` events."""
    rows = await connection.fetch(
        "SELECT key, data FROM events WHERE message_id = ANY($1::uuid[]) AND type = 'message.new'"
        " ORDER BY key FOR UPDATE",
        message_ids,
    )
    blanked = {"content": "", "metadata": None, "isDeleted": True}
    await connection.executemany(
        "UPDATE events SET message = '', data = $2 WHERE key = $1",
        [(row["key"], to_json(from_json(row["data"]) | blanked).decode()) for row in rows],
    )

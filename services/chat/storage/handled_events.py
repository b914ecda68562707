"""Which facts were applied."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.postgres.pool import Connection

_ADD = """
INSERT INTO handled_events (event_id) SELECT * FROM unnest($1::uuid[])
ON CONFLICT DO NOTHING RETURNING event_id
"""
_PRUNE = """
WITH gone AS (
    DELETE FROM handled_events WHERE event_id IN (
        SELECT event_id FROM handled_events WHERE handled_at < $1
        ORDER BY handled_at LIMIT $2)
    RETURNING 1
)
SELECT count(*) FROM gone
"""


async def add_new(connection: Connection, event_ids: Sequence[UUID]) -> set[UUID]:
    """Note these events as handled; gives those that were not yet."""
    return {row["event_id"] for row in await connection.fetch(_ADD, event_ids)}


async def any_before(connection: Connection, moment: datetime) -> bool:
    """Whether any was handled before `moment`."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM handled_events WHERE handled_at < $1)", moment
        )
    )


async def prune(connection: Connection, before: datetime, at_most: int) -> int:
    """Forget the oldest that were handled before a moment; answers how many."""
    return int(await connection.fetchval(_PRUNE, before, at_most))

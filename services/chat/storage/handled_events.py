"""Which facts were applied."""

from collections.abc import Sequence
from uuid import UUID

from shared.postgres.pool import Connection

# One day more than the replay log keeps.
KEEP = "8 days"

_ADD = """
INSERT INTO handled_events (event_id) SELECT * FROM unnest($1::uuid[])
ON CONFLICT DO NOTHING RETURNING event_id
"""
_PRUNE = f"""
DELETE FROM handled_events WHERE event_id IN (
    SELECT event_id FROM handled_events WHERE handled_at < now() - interval '{KEEP}' LIMIT 5000)
"""  # noqa: S608 - KEEP is a constant of this module


async def add_new(connection: Connection, event_ids: Sequence[UUID]) -> set[UUID]:
    """Note these events as handled; gives those that were not yet."""
    return {row["event_id"] for row in await connection.fetch(_ADD, event_ids)}


async def prune(connection: Connection) -> None:
    """Forget some of those that can't come again."""
    await connection.execute(_PRUNE)

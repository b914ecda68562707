"""What people are called."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.postgres.pool import Connection

# Sorted: two transactions that learn the same names must not wait for each other in a circle.
_LEARN = """
INSERT INTO display_names AS n (user_id, name, seen_at)
SELECT u.user_id, u.name, u.seen_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS u(user_id, name, seen_at) ORDER BY 1
ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at
WHERE n.seen_at < excluded.seen_at AND n.name <> excluded.name
"""
_ADD = """
INSERT INTO display_names (user_id, name, seen_at)
SELECT u.user_id, u.name, to_timestamp(0)
FROM unnest($1::text[], $2::text[]) AS u(user_id, name) ORDER BY 1
ON CONFLICT DO NOTHING
"""


async def learn(connection: Connection, seen: Mapping[str, tuple[str, datetime]]) -> None:
    """People said what they are called (user id → name, when): the latest word counts."""
    await connection.execute(
        _LEARN,
        list(seen),
        [name for name, _ in seen.values()],
        [moment for _, moment in seen.values()],
    )


async def add(connection: Connection, names: Mapping[str, str]) -> None:
    """Others said what people are called: better than an id, and no match for their own word."""
    await connection.execute(_ADD, list(names), list(names.values()))


async def names_of(connection: Connection, user_ids: Sequence[str]) -> dict[str, str]:
    """The known names of these people, by id."""
    rows = await connection.fetch(
        "SELECT user_id, name FROM display_names WHERE user_id = ANY($1::text[])", user_ids
    )
    return {row["user_id"]: row["name"] for row in rows}

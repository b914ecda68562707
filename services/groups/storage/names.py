"""The table `display_names`."""

from shared.postgres.pool import Connection

_REMEMBER = """
INSERT INTO display_names (user_id, name) VALUES ($1, $2)
ON CONFLICT (user_id) DO UPDATE SET name = excluded.name
WHERE display_names.name <> excluded.name
"""


async def remember(connection: Connection, user_id: str, name: str) -> None:
    """Keep `name` as the last one known; writes nothing if it is."""
    await connection.execute(_REMEMBER, user_id, name)

"""The outbox, read back: what happened to one group."""

from uuid import UUID

from shared.postgres.pool import Connection

_LATEST = "SELECT body FROM outbox WHERE subject = $1 ORDER BY id DESC LIMIT $2"


async def latest(connection: Connection, group_id: UUID, count: int) -> list[bytes]:
    """The envelopes of the group's last `count` facts, oldest first, as far as they are kept.

    A group's facts are recorded under its lock: the order of their ids is the order of commits.
    """
    rows = await connection.fetch(_LATEST, group_id, count)
    return [row["body"] for row in reversed(rows)]

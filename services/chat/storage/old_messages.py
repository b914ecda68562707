"""Messages older than what is kept. A group's floor says up to which position they are gone."""

from datetime import datetime
from uuid import UUID

from shared.postgres.pool import Connection

# Groups are walked by id; each costs one look at its first message.
_DUE = """
WITH walked AS MATERIALIZED (
    SELECT id, floor_seq FROM groups WHERE id > $1 ORDER BY id LIMIT $3
)
SELECT (SELECT id FROM walked ORDER BY id DESC LIMIT 1) AS last,
    (SELECT count(*) FROM walked) AS number,
    (SELECT w.id FROM walked w
     WHERE (SELECT m.created_at FROM messages m
            WHERE m.group_id = w.id AND m.seq > w.floor_seq ORDER BY m.seq LIMIT 1) < $2
     ORDER BY w.id LIMIT 1) AS due
"""
# Up to the first that is still kept, whatever comes after it: the history has no holes.
_REMOVE = """
WITH old AS MATERIALIZED (
    SELECT seq FROM (
        SELECT m.seq, bool_and(m.created_at < $2) OVER (ORDER BY m.seq) AS is_old
        FROM (SELECT n.seq, n.created_at FROM messages n
              WHERE n.group_id = $1 AND n.seq > (SELECT floor_seq FROM groups WHERE id = $1)
              ORDER BY n.seq LIMIT $3) AS m
    ) AS first WHERE is_old
), gone AS (
    DELETE FROM messages d USING old WHERE d.group_id = $1 AND d.seq = old.seq
    RETURNING d.id, d.seq, d.ordinal
), raised AS (
    UPDATE groups g SET floor_seq = c.seq, floor_ordinal = c.ordinal,
        last_message_id = CASE WHEN c.seq >= g.last_seq THEN NULL ELSE g.last_message_id END
    FROM (SELECT max(seq) AS seq, max(ordinal) AS ordinal FROM gone) AS c
    WHERE g.id = $1 AND c.seq IS NOT NULL
)
SELECT count(*) FROM gone
"""


async def due(
    connection: Connection, after: UUID, before: datetime, at_most: int
) -> tuple[UUID | None, UUID | None]:
    """Look at the `at_most` groups that follow `after`: the last of them (None if there are no
    more to come), and the first whose oldest message was sent before a moment."""
    row = await connection.fetchrow(_DUE, after, before, at_most)
    assert row is not None, "an aggregate gives a row"
    return (row["last"] if row["number"] == at_most else None), row["due"]


async def remove(connection: Connection, group_id: UUID, before: datetime, at_most: int) -> int:
    """Remove the oldest messages of a group, up to `at_most`; answers how many. Locks the group's
    row: nobody sends meanwhile."""
    # By itself: a statement that waited for the lock would see the counters as they were before.
    await connection.execute("SELECT 1 FROM groups WHERE id = $1 FOR NO KEY UPDATE", group_id)
    return int(await connection.fetchval(_REMOVE, group_id, before, at_most))

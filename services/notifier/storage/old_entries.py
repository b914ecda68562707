"""Entries and events older than what is kept. A mailbox's floor says up to where they are gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.postgres.pool import Connection

# Only an unbroken run of old events from the first on: keys and moments rise together, but for
# transactions that ran side by side.
_OLD = """
WITH looked AS MATERIALIZED (
    SELECT key, bool_and(stored_at < $2) OVER (ORDER BY key) AS is_old
    FROM (SELECT key, stored_at FROM events WHERE key > $1 ORDER BY key LIMIT $3) AS next
)
SELECT coalesce(max(key) FILTER (WHERE is_old), $1) AS key,
       count(*) = $3 AND bool_and(is_old) AS may_be_more
FROM looked
"""
# Mailboxes are walked by user id, which is also the order in which they are locked everywhere. Each
# costs one look at its first entry.
_WALKED = """
SELECT max(user_id) AS last, count(*) AS number FROM (
    SELECT user_id FROM mailboxes WHERE user_id > $1 ORDER BY user_id LIMIT $2) AS walked
"""
_LOCK_DUE = """
SELECT m.id, m.user_id FROM mailboxes m
WHERE m.user_id > $1 AND m.user_id <= $2
    AND (SELECT e.event_key FROM entries e WHERE e.mailbox_id = m.id AND e.seq > m.floor_seq
         ORDER BY e.seq LIMIT 1) <= $3
ORDER BY m.user_id LIMIT $4 FOR UPDATE OF m
"""
# What was never delivered stays undelivered: whoever comes for it is told to reload.
_REMOVE = """
WITH old AS MATERIALIZED (
    SELECT m.id AS mailbox_id, m.read_seq, first.seq
    FROM mailboxes m CROSS JOIN LATERAL (
        SELECT n.seq, bool_and(n.event_key <= $2) OVER (ORDER BY n.seq) AS is_old
        FROM (SELECT e.seq, e.event_key FROM entries e
              WHERE e.mailbox_id = m.id AND e.seq > m.floor_seq ORDER BY e.seq LIMIT $3) AS n
    ) AS first
    WHERE m.id = ANY($1::bigint[]) AND first.is_old
), gone AS (
    DELETE FROM entries e USING old WHERE e.mailbox_id = old.mailbox_id AND e.seq = old.seq
    RETURNING e.mailbox_id, e.seq, NOT e.is_read AND e.seq > old.read_seq AS was_unread
), counted AS (
    SELECT mailbox_id, max(seq) AS floor_seq, count(*) AS number,
           count(*) FILTER (WHERE was_unread) AS unread
    FROM gone GROUP BY mailbox_id
), raised AS (
    UPDATE mailboxes m SET floor_seq = c.floor_seq, unread = m.unread - c.unread,
                           total = m.total - c.number
    FROM counted c WHERE m.id = c.mailbox_id
)
SELECT coalesce(sum(number), 0)::bigint AS removed, coalesce(max(number), 0) AS most FROM counted
"""
_REMOVE_EVENTS = """
WITH gone AS (
    DELETE FROM events WHERE key IN (
        SELECT key FROM events WHERE key <= $1 ORDER BY key LIMIT $2)
    RETURNING 1
)
SELECT count(*) FROM gone
"""


@dataclass(frozen=True, slots=True)
class Walked:
    """A stretch of the mailboxes: where it ends, whether that is the end of all, and which of its
    mailboxes are due, locked (id, user id); perhaps only the first of them."""

    last: str
    is_end: bool
    due: Sequence[tuple[int, str]]


async def old_up_to(
    connection: Connection, after: int, before: datetime, at_most: int
) -> tuple[int, bool]:
    """The last key, looking at `at_most` events after the key `after`, up to which all were stored
    before a moment; and whether there may be more of them."""
    row = await connection.fetchrow(_OLD, after, before, at_most)
    assert row is not None, "an aggregate gives a row"
    return row["key"], bool(row["may_be_more"])


async def lock_due(connection: Connection, after: str, key: int, walk: int, at_most: int) -> Walked:
    """Look at the `walk` mailboxes that follow the user id `after`, and lock up to `at_most` whose
    first entry is of an event up to `key`."""
    walked = await connection.fetchrow(_WALKED, after, walk)
    if walked is None or walked["last"] is None:
        return Walked(after, True, ())
    rows = await connection.fetch(_LOCK_DUE, after, walked["last"], key, at_most)
    due = [(row["id"], row["user_id"]) for row in rows]
    return Walked(walked["last"], walked["number"] < walk, due)


async def remove(
    connection: Connection, mailbox_ids: Sequence[int], key: int, at_most: int
) -> tuple[int, bool]:
    """Remove the first entries of locked mailboxes that are of events up to `key`, up to `at_most`
    of each. Answers how many, and whether a mailbox may have more of them."""
    row = await connection.fetchrow(_REMOVE, mailbox_ids, key, at_most)
    assert row is not None, "an aggregate gives a row"
    return row["removed"], row["most"] >= at_most


async def remove_events(connection: Connection, key: int, at_most: int) -> int:
    """Remove the first events up to `key`; nothing may refer to them any more."""
    return int(await connection.fetchval(_REMOVE_EVENTS, key, at_most))

"""Everything that the notifier holds of one person: their mailbox and presence, and others'
notifications that speak of them."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.notifier.storage.traces import READ_AT
from shared.erasures.book import Erasure
from shared.postgres.pool import Connection

# What was stored after the erasure was heard of, and happened after it as well, is of somebody who
# came back. Neither alone says so: clocks differ, and facts come late.
#
# The mailbox's id comes by a subquery, so that the index gives entries in order, and no more events
# are looked up than entries go.
_DELETE_ENTRIES = """
WITH first AS MATERIALIZED (
    SELECT n.mailbox_id, n.seq FROM entries n
    WHERE n.mailbox_id = (SELECT id FROM mailboxes WHERE user_id = $1)
        AND coalesce((SELECT v.stored_at <= $2 OR v.created_at < $3
                      FROM events v WHERE v.key = n.event_key), true)
    ORDER BY n.seq LIMIT $4
), gone AS (
    DELETE FROM entries e USING first, mailboxes m
    WHERE e.mailbox_id = first.mailbox_id AND e.seq = first.seq AND m.id = first.mailbox_id
    RETURNING NOT e.is_read AND e.seq > m.read_seq AS was_unread
), counted AS (
    SELECT count(*) AS number, count(*) FILTER (WHERE was_unread) AS unread FROM gone
), lowered AS (
    -- Counters that drift must not keep anybody from being erased.
    UPDATE mailboxes m SET total = greatest(m.total - c.number, 0),
                           unread = greatest(m.unread - c.unread, 0)
    FROM counted c WHERE m.user_id = $1
)
SELECT number FROM counted
"""
_NAMING = """
SELECT key, type, title, message, data FROM events
WHERE key > $1 AND key <= $2 AND position($3 IN data) > 0
    AND (stored_at <= $4 OR created_at < $5)
ORDER BY key FOR UPDATE
"""
_ENTRIES = f"""
SELECT e.seq, v.type, v.title, v.message, v.data, v.created_at, v.trace_id,
       e.is_read OR e.seq <= m.read_seq AS is_read, {READ_AT}
FROM mailboxes m JOIN entries e ON e.mailbox_id = m.id JOIN events v ON v.key = e.event_key
WHERE m.user_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3
"""  # noqa: S608 - only a constant is put in


async def delete_entries(connection: Connection, erasure: Erasure, at_most: int) -> int:
    """Delete the first entries of the person's locked mailbox, and lower its counters; answers how
    many."""
    user_id, heard, until = erasure.user_id, erasure.begun_at, erasure.until
    return int(await connection.fetchval(_DELETE_ENTRIES, user_id, heard, until, at_most))


async def delete_mailbox(connection: Connection, user_id: str) -> None:
    """Delete a mailbox without entries; others stay."""
    await connection.execute(
        "DELETE FROM mailboxes m WHERE user_id = $1"
        " AND NOT EXISTS (SELECT FROM entries e WHERE e.mailbox_id = m.id)",
        user_id,
    )


async def has_streams(connection: Connection, user_id: str) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM stream_sessions WHERE user_id = $1)", user_id
        )
    )


async def forget_presence(connection: Connection, user_id: str) -> int:
    """Forget when the person was here; answers 1 when that was known."""
    await connection.execute("DELETE FROM stream_sessions WHERE user_id = $1", user_id)
    done: str = await connection.execute("DELETE FROM presence WHERE user_id = $1", user_id)
    return int(done.split()[1])


async def events_end(connection: Connection, after: int, at_most: int) -> int | None:
    """The last of the `at_most` keys that follow `after`; None at the end."""
    end: int | None = await connection.fetchval(
        "SELECT max(key) FROM (SELECT key FROM events WHERE key > $1 ORDER BY key LIMIT $2) AS n",
        after,
        at_most,
    )
    return end


async def lock_naming(
    connection: Connection, after: int, up_to: int, erasure: Erasure
) -> list[asyncpg.Record]:
    """The events with after < key <= up_to that may name the person, locked: their data have the id
    in them."""
    return await connection.fetch(
        _NAMING, after, up_to, erasure.token, erasure.begun_at, erasure.until
    )


async def rewrite(connection: Connection, events: Sequence[tuple[int, str, str, str]]) -> None:
    """Write title, message and data of events (by key) anew, and forget their traces, whose ids
    clients choose."""
    await connection.executemany(
        "UPDATE events SET title = $2, message = $3, data = $4, trace_id = NULL WHERE key = $1",
        events,
    )


async def last_seen(connection: Connection, user_id: str) -> asyncpg.Record | None:
    return await connection.fetchrow("SELECT last_seen FROM presence WHERE user_id = $1", user_id)


async def last_read_all(connection: Connection, user_id: str) -> datetime | None:
    """When the person last marked everything as read, as far as that was noted."""
    moment: datetime | None = await connection.fetchval(
        "SELECT read_all_at FROM mailboxes WHERE user_id = $1", user_id
    )
    return moment


async def entries(
    connection: Connection, user_id: str, after: int, at_most: int
) -> list[asyncpg.Record]:
    """Some of the person's notifications, those that follow a position."""
    return await connection.fetch(_ENTRIES, user_id, after, at_most)

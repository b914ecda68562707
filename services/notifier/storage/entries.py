"""Entries: writing them in batches, reading them back, and their owner's flags."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from services.notifier.domain import MessagePosition, Notice
from shared.postgres.pool import Connection
from shared.trace_context import trace_id_of

# One statement, so that a batch costs one round trip. The unique event ids are the guard against
# handling an event twice; the mailboxes are locked in the order of their user ids, as everywhere.
_STORE = """
WITH offered AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[],
                         $7::uuid[], $8::bigint[], $9::timestamptz[], $10::text[]) WITH ORDINALITY
        AS o (id, type, title, message, data, group_id, message_id, message_seq, created_at,
              trace_id, place)
), fresh AS (
    INSERT INTO events
        (id, type, title, message, data, group_id, message_id, message_seq, created_at, trace_id)
    SELECT id, type, title, message, data, group_id, message_id, message_seq, created_at, trace_id
    FROM offered ORDER BY place
    ON CONFLICT (id) DO NOTHING
    RETURNING key, id
), told AS (
    SELECT t.user_id, t.is_read, f.key, t.place,
           row_number() OVER (PARTITION BY t.user_id ORDER BY t.place) AS nth,
           count(*) OVER (PARTITION BY t.user_id) AS told
    FROM unnest($11::bigint[], $12::text[], $13::boolean[]) AS t (place, user_id, is_read)
    JOIN offered o USING (place)
    JOIN fresh f ON f.id = o.id
), bumped AS (
    INSERT INTO mailboxes AS m (user_id, last_seq, unread, total)
    SELECT user_id, count(*), count(*) FILTER (WHERE NOT is_read), count(*)
    FROM told GROUP BY user_id ORDER BY user_id COLLATE "C"
    ON CONFLICT (user_id) DO UPDATE SET
        last_seq = m.last_seq + excluded.last_seq,
        unread = m.unread + excluded.unread,
        total = m.total + excluded.total
    RETURNING id, user_id, last_seq
), numbered AS (
    SELECT b.id AS mailbox_id, t.user_id, b.last_seq - t.told + t.nth AS seq, t.key, t.is_read,
           t.place
    FROM told t JOIN bumped b ON b.user_id = t.user_id COLLATE "C"
), written AS (
    INSERT INTO entries (mailbox_id, seq, event_key, is_read)
    SELECT mailbox_id, seq, key, is_read FROM numbered
)
SELECT place, array_agg(user_id) AS user_ids, array_agg(seq) AS seqs, array_agg(is_read) AS is_read
FROM numbered GROUP BY place
"""


# A tuple: there is one for each notification.
class Recipient(NamedTuple):
    """Whose mailbox took the entry, at which position."""

    user_id: str
    seq: int
    is_read: bool


async def insert(connection: Connection, notices: Sequence[Notice]) -> dict[int, list[Recipient]]:
    """Store `notices` in order, as one entry for each person in their audiences.

    Answers, by index into `notices`, where each landed; a notice whose event was stored before is
    missing. The ids of the events must differ.
    """
    places: list[int] = []
    users: list[str] = []
    read: list[bool] = []
    for place, notice in enumerate(notices, start=1):
        for user_id in notice.audience:
            places.append(place)
            users.append(user_id)
            read.append(notice.is_born_read_by(user_id))
    rows = await connection.fetch(
        _STORE,
        [n.event_id for n in notices],
        [n.type for n in notices],
        [n.title for n in notices],
        [n.message for n in notices],
        [n.data.decode() for n in notices],
        [n.group_id for n in notices],
        [n.message_id for n in notices],
        [n.position.seq if n.position else None for n in notices],
        [n.created_at for n in notices],
        [trace_id_of(n.traceparent) if n.traceparent else None for n in notices],
        places,
        users,
        read,
    )
    return {
        row["place"] - 1: [
            Recipient(*recipient)
            for recipient in zip(row["user_ids"], row["seqs"], row["is_read"], strict=True)
        ]
        for row in rows
    }


_COLUMNS = """
    e.seq, e.is_read OR e.seq <= m.read_seq AS is_read, e.seq <= m.delivered_seq AS is_delivered,
    v.id AS event_id, v.type, v.title, v.message, v.data, v.group_id, v.message_seq, v.created_at
"""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with its event's content; `data` is compact JSON."""

    seq: int
    is_read: bool
    is_delivered: bool
    event_id: UUID
    type: str
    title: str
    message: str
    data: str
    position: MessagePosition | None
    created_at: Any

    @classmethod
    def of(cls, row: Any) -> "StoredEntry":
        is_message = row["type"] == "message.new"
        return cls(
            row["seq"],
            row["is_read"],
            row["is_delivered"],
            row["event_id"],
            row["type"],
            row["title"],
            row["message"],
            row["data"],
            MessagePosition(row["group_id"], row["message_seq"]) if is_message else None,
            row["created_at"],
        )


# The mailbox's id comes by a subquery, not by the join: only where it is one value does the index
# give entries in order. Joined, all 100,000 of a mailbox were sorted for each page (114 ms, not 1).
# Events are looked up for the page alone; their type chooses among all.
_PLACES = """
    SELECT e.mailbox_id, e.seq, e.is_read, e.event_key FROM entries e {join}
    WHERE e.mailbox_id = (SELECT id FROM mailboxes WHERE user_id = $1)
        AND (NOT $2 OR (NOT e.is_read
             AND e.seq > (SELECT read_seq FROM mailboxes WHERE user_id = $1)))
        {where}
    ORDER BY e.seq {order} LIMIT $3 OFFSET $4
"""
_PAGE = f"""
SELECT {_COLUMNS}
FROM ({{places}}) e JOIN events v ON v.key = e.event_key JOIN mailboxes m ON m.id = e.mailbox_id
ORDER BY e.seq DESC
"""  # noqa: S608 - only constants of this module are put in
_OF_TYPE = {"join": "JOIN events t ON t.key = e.event_key", "where": "AND t.type = $5"}
_OF_ALL = {"join": "", "where": ""}
# By whether a type is asked for, and the end from which entries are counted off.
_PAGES = {
    (is_of_type, order): _PAGE.format(places=_PLACES.format(order=order, **filters))
    for is_of_type, filters in ((False, _OF_ALL), (True, _OF_TYPE))
    for order in ("DESC", "ASC")
}

_COUNT = """
SELECT count(*)
FROM mailboxes m JOIN entries e ON e.mailbox_id = m.id JOIN events v ON v.key = e.event_key
WHERE m.user_id = $1 AND (NOT $2 OR (NOT e.is_read AND e.seq > m.read_seq)) AND v.type = $3
"""

_ONE = f"""
SELECT {_COLUMNS}
FROM mailboxes m JOIN entries e ON e.mailbox_id = m.id JOIN events v ON v.key = e.event_key
WHERE m.user_id = $1 AND e.seq = $2
"""  # noqa: S608


async def page(
    connection: Connection,
    user_id: str,
    unread_only: bool,
    type_: str | None,
    limit: int,
    offset: int,
    total: int,
) -> list[StoredEntry]:
    """A page of `user_id`'s entries, newest first. `total` is how many there are, at the same
    moment: what is skipped is walked through, so that old pages are read from the oldest entry."""
    order = "DESC"
    if 2 * offset + limit > total:
        order = "ASC"
        limit, offset = max(min(limit, total - offset), 0), max(total - offset - limit, 0)
    of_type = () if type_ is None else (type_,)
    statement = _PAGES[type_ is not None, order]
    rows = await connection.fetch(statement, user_id, unread_only, limit, offset, *of_type)
    return [StoredEntry.of(row) for row in rows]


async def count_of_type(connection: Connection, user_id: str, unread_only: bool, type_: str) -> int:
    """How many entries of one type there are. Counted: the mailbox's counters know no types."""
    return int(await connection.fetchval(_COUNT, user_id, unread_only, type_))


async def one(connection: Connection, user_id: str, seq: int) -> StoredEntry | None:
    row = await connection.fetchrow(_ONE, user_id, seq)
    return StoredEntry.of(row) if row else None


async def mark_read(connection: Connection, mailbox_id: int, seq: int) -> bool:
    """Flag an unread entry as read; False when there was nothing to do."""
    return (
        await connection.fetchval(
            "UPDATE entries SET is_read = true, read_at = now()"
            " WHERE mailbox_id = $1 AND seq = $2 AND NOT is_read RETURNING true",
            mailbox_id,
            seq,
        )
        is not None
    )


async def delete(connection: Connection, mailbox_id: int, seq: int) -> bool | None:
    """Delete an entry; answers its read flag, or None when there is no such entry."""
    read: bool | None = await connection.fetchval(
        "DELETE FROM entries WHERE mailbox_id = $1 AND seq = $2 RETURNING is_read", mailbox_id, seq
    )
    return read

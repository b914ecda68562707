"""Mailboxes: counters that are read, not counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.events.envelope import Event
from shared.outbox.record import columns, insert_from
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Counters:
    """A locked mailbox."""

    id: int
    last_seq: int
    delivered_seq: int
    read_seq: int
    unread: int


async def lock(connection: Connection, user_id: str) -> Counters | None:
    """Lock `user_id`'s mailbox for this transaction; None if nothing ever came for them."""
    row = await connection.fetchrow(
        "SELECT id, last_seq, delivered_seq, read_seq, unread FROM mailboxes"
        " WHERE user_id = $1 FOR UPDATE",
        user_id,
    )
    return Counters(**row) if row else None


async def totals(connection: Connection, user_id: str) -> tuple[int, int]:
    """How many entries the mailbox holds, and how many of them are unread."""
    row = await connection.fetchrow(
        "SELECT total, unread FROM mailboxes WHERE user_id = $1", user_id
    )
    return (row["total"], row["unread"]) if row else (0, 0)


async def last_seqs(connection: Connection, user_ids: Sequence[str]) -> dict[str, int]:
    """The end of each mailbox; users without one are left out."""
    rows = await connection.fetch(
        "SELECT user_id, last_seq FROM mailboxes WHERE user_id = ANY($1::text[])", user_ids
    )
    return {row["user_id"]: row["last_seq"] for row in rows}


async def change(connection: Connection, mailbox_id: int, *, unread: int, total: int = 0) -> None:
    """Add to the counters of a locked mailbox."""
    await connection.execute(
        "UPDATE mailboxes SET unread = unread + $2, total = total + $3 WHERE id = $1",
        mailbox_id,
        unread,
        total,
    )


async def read_all(connection: Connection, mailbox_id: int) -> None:
    """Everything there is counts as read: a watermark instead of a flag for each entry."""
    await connection.execute(
        "UPDATE mailboxes SET read_all_from = read_seq, read_all_at = now(), read_seq = last_seq,"
        " unread = 0 WHERE id = $1",
        mailbox_id,
    )


_RAISE_DELIVERED = f"""
WITH locked AS (
    SELECT m.id, least(w.seq, m.last_seq) AS seq
    FROM unnest($1::text[], $2::bigint[]) AS w (user_id, seq)
    JOIN mailboxes m ON m.user_id = w.user_id COLLATE "C"
    WHERE m.delivered_seq < w.seq
    ORDER BY m.user_id FOR UPDATE OF m
), told AS (
    {insert_from(3)}
)
UPDATE mailboxes m SET delivered_seq = greatest(m.delivered_seq, locked.seq)
FROM locked WHERE m.id = locked.id
"""  # noqa: S608 - the statement of the outbox


async def raise_delivered(
    connection: Connection, delivered: Mapping[str, int], events: Sequence[Event]
) -> None:
    """Raise the delivered watermarks of many users, of which none ever falls, and record the events
    that tell of it."""
    await connection.execute(
        _RAISE_DELIVERED, list(delivered), list(delivered.values()), *columns(events)
    )


async def count_as_delivered(connection: Connection) -> None:
    """Everything in every mailbox counts as delivered. Only while nobody else writes."""
    await connection.execute(
        "UPDATE mailboxes SET delivered_seq = last_seq WHERE delivered_seq < last_seq"
    )

"""Catching up: what follows many cursors, read in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.notifier.domain import Mailbox
from services.notifier.storage.entries import StoredEntry
from shared.postgres.pool import Connection

# Joined from the position, so that the mailbox and its entries come from one snapshot.
_AFTER = """
SELECT w.place, m.last_seq, m.delivered_seq, m.floor_seq, m.unread,
       coalesce(w.after, m.delivered_seq) AS start,
       e.seq, e.is_read, e.is_delivered, e.event_id, e.type, e.title, e.message, e.data, e.group_id,
       e.message_seq, e.created_at
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (user_id, after, place)
JOIN mailboxes m ON m.user_id = w.user_id COLLATE "C"
LEFT JOIN LATERAL (
    SELECT n.seq, n.is_read OR n.seq <= m.read_seq AS is_read, n.seq <= m.delivered_seq
        AS is_delivered, v.id AS event_id, v.type, v.title, v.message, v.data, v.group_id,
        v.message_seq, v.created_at
    FROM entries n JOIN events v ON v.key = n.event_key
    WHERE n.mailbox_id = m.id AND n.seq > coalesce(w.after, m.delivered_seq)
    ORDER BY n.seq LIMIT $3
) e ON true
ORDER BY w.place, e.seq
"""


@dataclass(frozen=True, slots=True)
class Slice:
    """What follows a position: `start` is that position, `entries` the next ones, oldest first.

    `reached` is the position up to which nothing is missing: the last entry's if the slice is
    full, else the mailbox's end.
    """

    mailbox: Mailbox = field(default_factory=Mailbox)
    start: int = 0
    reached: int = 0
    entries: Sequence[StoredEntry] = ()


async def read_after(
    connection: Connection, wanted: Sequence[tuple[str, int | None]], limit: int
) -> list[Slice]:
    """A slice of up to `limit` entries for each (user, position); a position of None means what was
    never delivered."""
    rows = await connection.fetch(
        _AFTER, [user for user, _ in wanted], [after for _, after in wanted], limit
    )
    slices = [Slice(start=after or 0, reached=after or 0) for _, after in wanted]
    entries: dict[int, list[StoredEntry]] = {}
    for row in rows:
        place = row["place"] - 1
        if place not in entries:
            entries[place] = []
            mailbox = Mailbox(
                row["last_seq"], row["delivered_seq"], row["floor_seq"], row["unread"]
            )
            start = row["start"]
            slices[place] = Slice(mailbox, start, max(start, mailbox.last_seq), entries[place])
        if row["seq"] is not None:
            entries[place].append(StoredEntry.of(row))
    return [_bounded(slice_, limit) for slice_ in slices]


async def are_more_than(connection: Connection, user_id: str, seq: int, count: int) -> bool:
    """Whether more than `count` entries follow this position: what its owner deleted waits no
    longer."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM entries n JOIN mailboxes m ON m.id = n.mailbox_id"
            ' WHERE m.user_id = $1 COLLATE "C" AND n.seq > $2 OFFSET $3 LIMIT 1',
            user_id,
            seq,
            count,
        )
    )


def _bounded(slice_: Slice, limit: int) -> Slice:
    if len(slice_.entries) < limit:
        return slice_
    return Slice(slice_.mailbox, slice_.start, slice_.entries[-1].seq, slice_.entries)

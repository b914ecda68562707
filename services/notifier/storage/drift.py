"""Do the counters of mailboxes say what their entries say?"""

from dataclasses import dataclass

from shared.postgres.pool import Connection

# From a random mailbox on, in one snapshot: counters and entries change in one transaction, so any
# difference is an error. What a mailbox of many entries costs is bounded by leaving it out.
_SAMPLE = """
SELECT m.id, m.total, m.unread, counted.total AS entries, counted.unread AS unread_entries
FROM (
    SELECT id, total, unread, read_seq FROM mailboxes
    WHERE id >= (SELECT (random() * coalesce(max(id), 0))::bigint FROM mailboxes) AND total <= $2
    ORDER BY id LIMIT $1
) m CROSS JOIN LATERAL (
    SELECT count(*) AS total, count(*) FILTER (WHERE NOT is_read AND seq > m.read_seq) AS unread
    FROM entries WHERE mailbox_id = m.id
) counted
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """One mailbox: what its counters say, and what its entries say."""

    id: int
    total: int
    unread: int
    entries: int
    unread_entries: int

    @property
    def drifts(self) -> bool:
        return (self.total, self.unread) != (self.entries, self.unread_entries)


async def sample(connection: Connection, mailboxes: int, entries: int) -> list[Counted]:
    """Up to so many mailboxes from a random place on, those with more than `entries` left out."""
    rows = await connection.fetch(_SAMPLE, mailboxes, entries)
    return [Counted(**row) for row in rows]

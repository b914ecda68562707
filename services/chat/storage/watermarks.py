"""Up to where each member has received and read. Watermarks only rise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.chat.domain.groups import INDIVIDUAL_RECEIPTS
from shared.events.fact import GroupRef, GroupType
from shared.events.notifier import Delivery
from shared.postgres.pool import Connection

# Never beyond the newest message, only for people who are or were members. Locked in the order of
# ids. What moved is noted for the senders; where receipts name nobody, one row for the whole group
# says all that is needed. One statement: it needs no transaction around it.
_ADVANCE_DELIVERED = f"""
WITH asked AS (
    SELECT group_id, user_id, max(up_to) AS up_to
    FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS a(group_id, user_id, up_to)
    GROUP BY group_id, user_id
), old AS MATERIALIZED (
    SELECT w.group_id, w.user_id, w.delivered_seq AS from_seq, g.member_count,
           least(a.up_to, g.last_seq) AS to_seq
    FROM asked a
    JOIN groups g ON g.id = a.group_id
    JOIN watermarks w ON w.group_id = a.group_id AND w.user_id = a.user_id
    WHERE NOT g.is_deleted AND w.delivered_seq < least(a.up_to, g.last_seq)
    ORDER BY w.group_id, w.user_id
    FOR UPDATE OF w
), moved AS (
    UPDATE watermarks w SET delivered_seq = old.to_seq
    FROM old WHERE w.group_id = old.group_id AND w.user_id = old.user_id
), noted AS (
    INSERT INTO pending_receipts (group_id, kind, user_id, from_seq, to_seq)
    SELECT group_id, 'delivered',
           CASE WHEN member_count <= {INDIVIDUAL_RECEIPTS} THEN user_id END AS whose,
           min(from_seq), max(to_seq)
    FROM old GROUP BY group_id, whose
), opened AS (
    INSERT INTO receipt_windows (group_id, kind, open_at)
    SELECT DISTINCT group_id, 'delivered', to_timestamp(0) FROM old ORDER BY group_id
    ON CONFLICT DO NOTHING
)
SELECT EXISTS (SELECT FROM old)
"""  # noqa: S608 - a constant of the domain
# Locks the watermark and moves it, unless it has come as far before.
_MOVE_READ = """
WITH reader AS MATERIALIZED (
    SELECT m.group_id, m.seq, m.ordinal, w.delivered_seq, w.read_seq, g.type, g.name AS group_name,
           g.member_count, coalesce(n.name, w.user_id) AS name
    FROM messages m
    JOIN groups g ON g.id = m.group_id AND NOT g.is_deleted
    JOIN memberships s ON s.group_id = m.group_id AND s.user_id = $2 AND s.left_seq IS NULL
    JOIN watermarks w ON w.group_id = m.group_id AND w.user_id = $2
    LEFT JOIN display_names n ON n.user_id = $2
    WHERE m.id = $1
    FOR UPDATE OF w
), moved AS (
    UPDATE watermarks w SET read_seq = reader.seq, read_ordinal = reader.ordinal,
                            delivered_seq = greatest(w.delivered_seq, reader.seq)
    FROM reader
    WHERE w.group_id = reader.group_id AND w.user_id = $2 AND reader.read_seq < reader.seq
)
SELECT group_id, seq, delivered_seq, read_seq, type, group_name, member_count, name FROM reader
"""
_COUNTS = """
SELECT a.group_id, a.seq, count(*) FILTER (WHERE w.delivered_seq >= a.seq) AS delivered,
       count(*) FILTER (WHERE w.read_seq >= a.seq) AS read
FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS a(group_id, seq, sender_id)
JOIN memberships s ON s.group_id = a.group_id AND s.joined_seq < a.seq
    AND (s.left_seq IS NULL OR a.seq <= s.left_seq) AND s.user_id <> a.sender_id
JOIN watermarks w ON w.group_id = s.group_id AND w.user_id = s.user_id
GROUP BY a.group_id, a.seq
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """A present member who reads up to a message at `seq`, and where their watermarks were before;
    `name` is what they are called."""

    group_id: UUID
    seq: int
    delivered_seq: int
    read_seq: int
    group_type: GroupType
    group_name: str | None
    member_count: int
    name: str

    @property
    def group(self) -> GroupRef:
        return GroupRef(id=self.group_id, type=self.group_type, name=self.group_name)

    @property
    def individual(self) -> bool:
        """Whether the group's receipts name people."""
        return self.member_count <= INDIVIDUAL_RECEIPTS


async def advance_delivered(connection: Connection, deliveries: Sequence[Delivery]) -> bool:
    """Raise the delivered watermarks and note what moved, to be told to the senders. Tells whether
    anything did."""
    anything_moved: bool = await connection.fetchval(
        _ADVANCE_DELIVERED,
        [delivery.group_id for delivery in deliveries],
        [delivery.user_id for delivery in deliveries],
        [delivery.up_to_seq for delivery in deliveries],
    )
    return anything_moved


async def move_read(connection: Connection, message_id: UUID, user_id: str) -> Reader | None:
    """Move the watermarks of `user_id` up to the message, if they are not that far; gives where
    they were. None when there is no such message in a group of theirs."""
    row = await connection.fetchrow(_MOVE_READ, message_id, user_id)
    return Reader(*row) if row is not None else None


async def counts(
    connection: Connection, messages: Iterable[tuple[UUID, int, str]]
) -> dict[tuple[UUID, int], tuple[int, int]]:
    """How many have received and read each message (group id, seq, sender id), of those who were
    members when it was sent, without the sender; by (group id, seq)."""
    asked = list(messages)
    rows = await connection.fetch(
        _COUNTS,
        [group_id for group_id, _, _ in asked],
        [seq for _, seq, _ in asked],
        [sender_id for _, _, sender_id in asked],
    )
    return {(row["group_id"], row["seq"]): (row["delivered"], row["read"]) for row in rows}

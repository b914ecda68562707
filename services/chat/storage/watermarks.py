"""Up to where each member has received and read. Watermarks only rise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.chat.domain.groups import INDIVIDUAL_RECEIPTS
from services.chat.domain.receipts import Move
from shared.events.fact import GroupRef, GroupType
from shared.events.notifier import Delivery
from shared.postgres.pool import Connection

# Never beyond the newest message, only for people who are or were members. Locked in the order of
# ids. Where receipts name nobody, one row for the whole group says all that is needed.
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
)
SELECT group_id, CASE WHEN member_count <= {INDIVIDUAL_RECEIPTS} THEN user_id END AS whose,
       min(from_seq) AS from_seq, max(to_seq) AS to_seq
FROM old GROUP BY 1, 2
"""  # noqa: S608 - a constant of the domain
_LOCK_READER = """
SELECT m.group_id, m.seq, m.ordinal, w.delivered_seq, w.read_seq, g.type, g.name, g.member_count
FROM messages m
JOIN groups g ON g.id = m.group_id AND NOT g.is_deleted
JOIN memberships s ON s.group_id = m.group_id AND s.user_id = $2 AND s.left_seq IS NULL
JOIN watermarks w ON w.group_id = m.group_id AND w.user_id = $2
WHERE m.id = $1
FOR UPDATE OF w
"""
_MOVE_READ = """
UPDATE watermarks SET read_seq = $3, read_ordinal = $4, delivered_seq = greatest(delivered_seq, $3)
WHERE group_id = $1 AND user_id = $2
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
    """A present member about to read, and where the message stands that they read up to."""

    group_id: UUID
    seq: int
    ordinal: int
    delivered_seq: int
    read_seq: int
    group_type: GroupType
    group_name: str | None
    member_count: int

    @property
    def group(self) -> GroupRef:
        return GroupRef(id=self.group_id, type=self.group_type, name=self.group_name)

    @property
    def individual(self) -> bool:
        """Whether the group's receipts name people."""
        return self.member_count <= INDIVIDUAL_RECEIPTS


async def advance_delivered(connection: Connection, deliveries: Sequence[Delivery]) -> list[Move]:
    """Raise the delivered watermarks; gives what moved."""
    rows = await connection.fetch(
        _ADVANCE_DELIVERED,
        [delivery.group_id for delivery in deliveries],
        [delivery.user_id for delivery in deliveries],
        [delivery.up_to_seq for delivery in deliveries],
    )
    return [
        Move(row["group_id"], "delivered", row["whose"], row["from_seq"], row["to_seq"])
        for row in rows
    ]


async def lock_reader(connection: Connection, message_id: UUID, user_id: str) -> Reader | None:
    """The reader, with their watermark locked; None when there is no such message in a group of
    theirs."""
    row = await connection.fetchrow(_LOCK_READER, message_id, user_id)
    return Reader(*row) if row is not None else None


async def move_read(connection: Connection, user_id: str, reader: Reader) -> None:
    """Move a locked watermark up to the message: read, and so delivered."""
    await connection.execute(_MOVE_READ, reader.group_id, user_id, reader.seq, reader.ordinal)


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

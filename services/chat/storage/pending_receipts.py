"""What moved and was not told yet, and when which group may be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.chat.domain.groups import INDIVIDUAL_RECEIPTS
from services.chat.domain.receipts import Kind, Move
from shared.events.fact import GroupRef
from shared.postgres.pool import Connection

# A window that exists is neither locked nor waited for. Sorted, like all locks.
_ADD = """
WITH noted AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
        AS n(group_id, kind, user_id, from_seq, to_seq)
), added AS (
    INSERT INTO pending_receipts (group_id, kind, user_id, from_seq, to_seq) SELECT * FROM noted
)
INSERT INTO receipt_windows (group_id, kind, open_at)
SELECT DISTINCT group_id, kind, to_timestamp(0) FROM noted ORDER BY 1, 2
ON CONFLICT DO NOTHING
"""
# What is noted while this runs waits for the next round.
_TAKE = f"""
WITH due AS MATERIALIZED (
    SELECT w.group_id, w.kind, g.type, g.name, g.member_count <= {INDIVIDUAL_RECEIPTS} AS individual
    FROM receipt_windows w JOIN groups g ON g.id = w.group_id
    WHERE w.open_at <= now()
        AND (w.group_id, w.kind) IN (SELECT group_id, kind FROM pending_receipts)
    ORDER BY w.group_id, w.kind LIMIT $1
    FOR UPDATE OF w SKIP LOCKED
), closed AS (
    UPDATE receipt_windows w
    SET open_at = now() + CASE WHEN due.individual THEN $2::float8 ELSE $3::float8 END
                          * interval '1 second'
    FROM due WHERE w.group_id = due.group_id AND w.kind = due.kind
), taken AS (
    DELETE FROM pending_receipts p USING due
    WHERE p.group_id = due.group_id AND p.kind = due.kind
    RETURNING p.group_id, p.kind, p.user_id, p.from_seq, p.to_seq
)
SELECT taken.*, due.type, due.name, due.individual
FROM taken JOIN due ON due.group_id = taken.group_id AND due.kind = taken.kind
"""  # noqa: S608 - a constant of the domain
_TAKE_OF = """
DELETE FROM pending_receipts WHERE group_id = $1 AND user_id = $2
RETURNING group_id, kind, user_id, from_seq, to_seq
"""
_NEXT = """
SELECT extract(epoch FROM min(w.open_at) - clock_timestamp())::float8
FROM receipt_windows w
WHERE (w.group_id, w.kind) IN (SELECT group_id, kind FROM pending_receipts)
"""


@dataclass(frozen=True, slots=True)
class Window:
    """The senders of a group may be told now. `individual`: with names."""

    group: GroupRef
    kind: Kind
    individual: bool


async def add(connection: Connection, moves: Sequence[Move]) -> None:
    """Note what moved, to be told after the commit."""
    await connection.execute(
        _ADD,
        [move.group_id for move in moves],
        [move.kind for move in moves],
        [move.user_id for move in moves],
        [move.from_seq for move in moves],
        [move.to_seq for move in moves],
    )


async def take(
    connection: Connection, at_most: int, individual_pause: float, aggregate_pause: float
) -> tuple[list[Window], list[Move]]:
    """Lock up to `at_most` windows that are open, close them for a pause in seconds, and remove
    and give what is pending for them. Those that another replica is at work on are left to it."""
    windows: dict[tuple[UUID, str], Window] = {}
    moves: list[Move] = []
    for row in await connection.fetch(_TAKE, at_most, individual_pause, aggregate_pause):
        move = Move(*row[:5])
        moves.append(move)
        group = GroupRef(id=move.group_id, type=row["type"], name=row["name"])
        windows[move.group_id, move.kind] = Window(group, move.kind, row["individual"])
    return [windows[key] for key in sorted(windows)], moves


async def take_of(connection: Connection, group_id: UUID, user_id: str) -> list[Move]:
    """Remove and give what `user_id` received and read and was not told yet. Waits for whoever is
    at work on it, so that what is told next comes after it."""
    return [Move(*row) for row in await connection.fetch(_TAKE_OF, group_id, user_id)]


async def seconds_to_next(connection: Connection) -> float | None:
    """When the next window opens for which something is pending; None when nothing is."""
    seconds: float | None = await connection.fetchval(_NEXT)
    return seconds

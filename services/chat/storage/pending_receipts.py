"""What moved and was not told yet, and when which group may be told."""

from collections.abc import Sequence
from dataclasses import dataclass

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
_CLAIM = f"""
SELECT w.group_id, w.kind, g.type, g.name, g.member_count <= {INDIVIDUAL_RECEIPTS} AS individual
FROM receipt_windows w JOIN groups g ON g.id = w.group_id
WHERE w.open_at <= now()
    AND (w.group_id, w.kind) IN (SELECT group_id, kind FROM pending_receipts)
ORDER BY w.group_id, w.kind LIMIT $1
FOR UPDATE OF w SKIP LOCKED
"""  # noqa: S608 - a constant of the domain
_TAKE = """
DELETE FROM pending_receipts p
USING unnest($1::uuid[], $2::text[]) AS c(group_id, kind)
WHERE p.group_id = c.group_id AND p.kind = c.kind
RETURNING p.group_id, p.kind, p.user_id, p.from_seq, p.to_seq
"""
_CLOSE = """
UPDATE receipt_windows w SET open_at = now() + c.pause * interval '1 second'
FROM unnest($1::uuid[], $2::text[], $3::float8[]) AS c(group_id, kind, pause)
WHERE w.group_id = c.group_id AND w.kind = c.kind
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


async def claim(connection: Connection, at_most: int) -> list[Window]:
    """Lock windows that are open and for which something is pending; those that another replica
    is at work on are left to it."""
    return [
        Window(
            GroupRef(id=row["group_id"], type=row["type"], name=row["name"]),
            row["kind"],
            row["individual"],
        )
        for row in await connection.fetch(_CLAIM, at_most)
    ]


async def take(connection: Connection, windows: Sequence[Window]) -> list[Move]:
    """Remove and give what is pending for these windows."""
    rows = await connection.fetch(
        _TAKE, [window.group.id for window in windows], [window.kind for window in windows]
    )
    return [Move(*row) for row in rows]


async def close_windows(
    connection: Connection, windows: Sequence[Window], pauses: Sequence[float]
) -> None:
    """Close locked windows, each for its pause in seconds."""
    await connection.execute(
        _CLOSE,
        [window.group.id for window in windows],
        [window.kind for window in windows],
        list(pauses),
    )


async def seconds_to_next(connection: Connection) -> float | None:
    """When the next window opens for which something is pending; None when nothing is."""
    seconds: float | None = await connection.fetchval(_NEXT)
    return seconds

"""Delivered watermarks that clients prove, for many users at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.notifier.domain import MessagePosition
from shared.postgres.pool import Connection

# Locked in the order of user ids, as everywhere. The newest message of each group that a mailbox
# passes over is looked up from the mailbox's own range, so that a herd costs what it passes over.
_RAISE = """
WITH wanted AS (
    SELECT user_id, max(seq) AS seq FROM unnest($1::text[], $2::bigint[]) AS w (user_id, seq)
    GROUP BY user_id
), locked AS MATERIALIZED (
    SELECT m.id, m.user_id, m.delivered_seq AS old,
           greatest(m.delivered_seq, least(w.seq, m.last_seq)) AS new
    FROM wanted w JOIN mailboxes m ON m.user_id = w.user_id COLLATE "C"
    ORDER BY m.user_id FOR UPDATE OF m
), raised AS (
    UPDATE mailboxes m SET delivered_seq = locked.new
    FROM locked WHERE m.id = locked.id AND locked.new > locked.old
)
SELECT locked.user_id, locked.new, passed.group_id, passed.message_seq
FROM locked LEFT JOIN LATERAL (
    SELECT v.group_id, max(v.message_seq) AS message_seq
    FROM (SELECT event_key FROM entries e
          WHERE e.mailbox_id = locked.id AND e.seq > locked.old AND e.seq <= locked.new
          OFFSET 0) AS range
    JOIN events v ON v.key = range.event_key
    WHERE v.type = 'message.new' GROUP BY v.group_id
) AS passed ON true
"""


@dataclass(frozen=True, slots=True)
class Watermark:
    """Where a user's mark stands now; `messages` are the newest of each group it passed over."""

    seq: int
    messages: list[MessagePosition] = field(default_factory=list)


async def raise_watermarks(
    connection: Connection, wanted: Sequence[tuple[str, int]]
) -> dict[str, Watermark]:
    """Raise the delivered watermarks of (user, position); those without a mailbox are left out."""
    rows = await connection.fetch(
        _RAISE, [user_id for user_id, _ in wanted], [seq for _, seq in wanted]
    )
    marks: dict[str, Watermark] = {}
    for row in rows:
        mark = marks.setdefault(row["user_id"], Watermark(row["new"]))
        if row["group_id"] is not None:
            mark.messages.append(MessagePosition(row["group_id"], row["message_seq"]))
    return marks

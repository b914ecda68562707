"""The statements behind sending: what the senders may do, and the messages themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.chat.domain.groups import Group
from services.chat.domain.messages import Message
from services.chat.domain.posting import Sender
from shared.events.envelope import Event
from shared.outbox.record import columns, insert_from
from shared.postgres.pool import Connection

# The watermark is locked: a read from the sender's other device must not slip in between, or the
# same messages would be told as read twice. The members are listed once for each group.
# What came before somebody joined for the first time was never theirs to read; who was away in
# between may still have something unread from before.
# The earlier message is a subquery because a join may use the index by group and sender only, and
# walk through all that the sender ever sent there.
_SENDERS = """
WITH locked AS (
    SELECT a.group_id, a.user_id, s.role, n.name, w.delivered_seq, w.read_seq,
           greatest(w.read_ordinal, (
               SELECT min(f.joined_ordinal) FROM memberships f
               WHERE f.group_id = a.group_id AND f.user_id = a.user_id)) AS read_ordinal,
           a.client_message_id,
           (SELECT e.seq FROM messages e
            WHERE e.group_id = a.group_id AND e.sender_id = a.user_id
                AND e.client_message_id = a.client_message_id) AS earlier_seq
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS a (group_id, user_id, client_message_id)
    JOIN memberships s ON s.group_id = a.group_id AND s.user_id = a.user_id AND s.left_seq IS NULL
    JOIN watermarks w ON w.group_id = s.group_id AND w.user_id = s.user_id
    LEFT JOIN display_names n ON n.user_id = s.user_id
    ORDER BY w.group_id, w.user_id
    FOR UPDATE OF w
)
SELECT *, CASE WHEN row_number() OVER (PARTITION BY group_id) = 1 THEN ARRAY(
    SELECT m.user_id FROM memberships m
    WHERE m.group_id = locked.group_id AND m.left_seq IS NULL ORDER BY m.user_id) END AS members
FROM locked
"""
_WRITE = f"""
WITH posted AS (
    INSERT INTO messages (id, group_id, seq, ordinal, sender_id, type, content, metadata,
                          client_message_id, total, created_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[],
                         $6::text[], $7::text[], $8::text[], $9::text[], $10::int[],
                         $11::timestamptz[])
), counted AS (
    UPDATE groups g SET last_seq = c.seq, last_ordinal = c.ordinal, last_message_id = c.message_id,
                        last_activity_at = c.at
    FROM unnest($12::uuid[], $13::bigint[], $14::bigint[], $15::uuid[], $16::timestamptz[])
        AS c (id, seq, ordinal, message_id, at)
    WHERE g.id = c.id
), told AS (
    {insert_from(21)}
)
UPDATE watermarks w SET delivered_seq = m.seq, read_seq = m.seq, read_ordinal = m.ordinal
FROM unnest($17::uuid[], $18::text[], $19::bigint[], $20::bigint[])
    AS m (group_id, user_id, seq, ordinal)
WHERE w.group_id = m.group_id AND w.user_id = m.user_id
"""  # noqa: S608 - the statement of the outbox

SenderKey = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class Senders:
    """The senders that are present members, everyone in each group, and by (group, sender, client
    id) the position of the message that already bears it."""

    by_key: dict[SenderKey, Sender]
    members: dict[UUID, list[str]]
    earlier: dict[tuple[UUID, str, str], int]


async def lock_senders(
    connection: Connection, asked: Sequence[tuple[UUID, str, str | None]]
) -> Senders:
    """Lock the watermarks of those who send, given as (group, sender, client id). Expects the
    groups to be locked, so that what is read here is the latest."""
    rows = await connection.fetch(
        _SENDERS,
        [group_id for group_id, _, _ in asked],
        [user_id for _, user_id, _ in asked],
        [client_id for _, _, client_id in asked],
    )
    found = Senders({}, {}, {})
    for row in rows:
        key = (row["group_id"], row["user_id"])
        found.by_key[key] = Sender(
            row["user_id"],
            row["role"],
            row["name"],
            row["delivered_seq"],
            row["read_seq"],
            row["read_ordinal"],
        )
        if row["members"] is not None:
            found.members[row["group_id"]] = row["members"]
        if row["earlier_seq"] is not None:
            found.earlier[(*key, row["client_message_id"])] = row["earlier_seq"]
    return found


async def write(
    connection: Connection,
    messages: Sequence[Message],
    groups: Sequence[Group],
    senders: Iterable[tuple[UUID, Sender]],
    events: Sequence[Event],
) -> None:
    """Insert the messages, count them in their groups, move their senders' watermarks, and record
    the events that tell of them."""
    moved = list(senders)
    await connection.execute(
        _WRITE,
        [m.id for m in messages],
        [m.group_id for m in messages],
        [m.seq for m in messages],
        [m.ordinal for m in messages],
        [m.sender_id for m in messages],
        [m.type for m in messages],
        [m.content for m in messages],
        [m.metadata for m in messages],
        [m.client_message_id for m in messages],
        [m.total for m in messages],
        [m.created_at for m in messages],
        [g.id for g in groups],
        [g.last_seq for g in groups],
        [g.last_ordinal for g in groups],
        [g.last_message_id for g in groups],
        [g.last_activity_at for g in groups],
        [group_id for group_id, _ in moved],
        [s.user_id for _, s in moved],
        [s.read_seq for _, s in moved],
        [s.read_ordinal for _, s in moved],
        *columns(events),
    )

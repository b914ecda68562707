"""The reckoning: what clients were promised and what they got, against every table.

Each check adds to the figures and says in words what it found, so that a broken promise names
itself. Everything here is read with the owner's rights, after the system has settled.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.faults.readers import Reader, Seen
from tests.faults.senders import Sent
from tests.faults.servers import Servers, decoded
from tests.faults.traffic import Traffic

_MESSAGES = """
SELECT id, group_id, seq, sender_id, client_message_id FROM messages
WHERE group_id = ANY($1::uuid[]) ORDER BY group_id, seq
"""
_EVENTS = "SELECT event_id, type, body FROM outbox WHERE subject = ANY($1::uuid[]) ORDER BY id"
_ENTRIES = """
SELECT m.user_id, e.seq, v.id AS event_id, v.type, v.group_id, v.message_id, v.message_seq
FROM entries e JOIN events v ON v.key = e.event_key JOIN mailboxes m ON m.id = e.mailbox_id
WHERE m.user_id = ANY($1::text[]) ORDER BY m.user_id, e.seq
"""
_TOPS = "SELECT user_id, last_seq, total FROM mailboxes WHERE user_id = ANY($1::text[])"
MESSAGE_SENT = "chat.message.sent.v1"
_EXAMPLES = 3


@dataclass
class Reckoning:
    """Figures of one scenario, and `violations` in words; all is well when that is empty."""

    attempts: int = 0
    acknowledged: int = 0
    messages: int = 0
    entries: int = 0
    received: int = 0
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    gaps: int = 0
    resets: int = 0
    violations: list[str] = field(default_factory=list)

    def found(self, what: str, cases: Iterable[object]) -> int:
        """Note a violation, if there are cases of it; how many."""
        all_ = list(cases)
        if all_:
            examples = ", ".join(str(case) for case in all_[:_EXAMPLES])
            self.violations.append(f"{len(all_)} × {what}: {examples}")
        return len(all_)


@dataclass(frozen=True)
class Tables:
    """What the services wrote about this scenario's groups and people."""

    messages: Sequence[Any]
    events: Sequence[tuple[UUID, str, Any]]
    entries: Mapping[str, Sequence[Any]]
    tops: Mapping[str, Any]


async def reconcile(servers: Servers, traffic: Traffic) -> Reckoning:
    """Compare it all. Call it once settled, with the readers still there."""
    made = reckon(
        traffic.senders.sent, traffic.members, traffic.readers, await _read(servers, traffic)
    )
    made.lost += made.found("acknowledged group is missing", traffic.gatherer.missing)
    return made


def reckon(
    sent: Sent,
    members: Mapping[str, Sequence[str]],
    readers: Sequence[Reader],
    tables: Tables,
) -> Reckoning:
    """The comparison itself. `members` are those of the groups in which nobody came or went."""
    made = Reckoning(
        attempts=sent.attempts,
        acknowledged=len(sent.acknowledged),
        messages=len(tables.messages),
        entries=sum(len(entries) for entries in tables.entries.values()),
    )
    _check_messages(made, sent, tables)
    _check_events(made, tables)
    _check_entries(made, members, tables)
    _check_mailboxes(made, tables)
    for reader in readers:
        _check_reader(made, reader.seen, tables.entries.get(reader.seen.user_id, ()))
    return made


async def _read(servers: Servers, traffic: Traffic) -> Tables:
    groups = [UUID(group.id) for group in traffic.groups]
    people = sorted({u for group in traffic.groups for u in group.member_ids})
    events: list[tuple[UUID, str, Any]] = []
    for service in ("groups", "chat"):
        async with servers.connected(service) as connection:
            rows = await connection.fetch(_EVENTS, groups)
            events += [(r["event_id"], r["type"], decoded(r["body"])["data"]) for r in rows]
            if service == "chat":
                messages = await connection.fetch(_MESSAGES, groups)
    entries: dict[str, list[Any]] = defaultdict(list)
    async with servers.connected("notifier") as connection:
        for row in await connection.fetch(_ENTRIES, people):
            entries[row["user_id"]].append(row)
        tops = {row["user_id"]: row for row in await connection.fetch(_TOPS, people)}
    return Tables(messages, events, entries, tops)


def _check_messages(made: Reckoning, sent: Sent, tables: Tables) -> None:
    """Each 2xx is a message, once, as answered; an unknown outcome is one or none."""
    by_key = defaultdict(list)
    for row in tables.messages:
        if row["client_message_id"] is not None:
            by_key[row["client_message_id"]].append(row)
    made.lost += made.found(
        "acknowledged message is missing or another",
        (
            key
            for key, receipt in sent.acknowledged.items()
            if (receipt.message_id, receipt.seq)
            not in {(str(row["id"]), row["seq"]) for row in by_key[key]}
        ),
    )
    known = sent.acknowledged.keys() | sent.unknown.keys()
    made.duplicated += made.found(
        "message stored twice", (key for key, rows in by_key.items() if len(rows) > 1)
    )
    made.found("message that nobody sent", by_key.keys() - known)
    made.found("message never accepted", sent.unknown)
    made.found("answer that no client should get", sent.refused)
    seqs = defaultdict(list)
    for row in tables.messages:
        seqs[row["group_id"]].append(row["seq"])
    made.gaps += made.found(
        "group whose seqs are not 1 to top",
        (g for g, found in seqs.items() if found != list(range(1, len(found) + 1))),
    )


def _check_events(made: Reckoning, tables: Tables) -> None:
    """A message is there if and only if its event is."""
    told = Counter(d["message"]["id"] for _, type_, d in tables.events if type_ == MESSAGE_SENT)
    rows = {str(row["id"]) for row in tables.messages}
    made.lost += made.found("message without an event", rows - told.keys())
    made.found("event without a message", told.keys() - rows)
    made.duplicated += made.found("message with two events", (m for m, n in told.items() if n > 1))


def _check_entries(made: Reckoning, members: Mapping[str, Sequence[str]], tables: Tables) -> None:
    """One entry for each event and person of its audience, and no other; and the audience of a
    message is who was in the group."""
    due = {(id_, user) for id_, _, data in tables.events for user in data.get("audience", ())}
    got = Counter((e["event_id"], u) for u, entries in tables.entries.items() for e in entries)
    made.lost += made.found("entry missing", due - got.keys())
    made.found("entry for nobody of the audience", got.keys() - due)
    made.duplicated += made.found("entry stored twice", (pair for pair, n in got.items() if n > 1))
    made.found(
        "message to others than the members",
        (
            data["message"]["id"]
            for _, type_, data in tables.events
            if type_ == MESSAGE_SENT
            and data["message"]["type"] != "system"
            and (present := members.get(data["group"]["id"])) is not None
            and set(data["audience"]) != set(present) - {data["actor"]["userId"]}
        ),
    )


def _check_mailboxes(made: Reckoning, tables: Tables) -> None:
    """Positions run from 1 to the top, and messages of a group stand in their order."""
    for user_id, entries in tables.entries.items():
        top = tables.tops[user_id]
        if [e["seq"] for e in entries] != list(range(1, top["last_seq"] + 1)):
            made.gaps += made.found("mailbox with a gap", [user_id])
        if len(entries) != top["total"]:
            made.found("mailbox whose total is wrong", [user_id])
        newest: dict[UUID, int] = {}
        for entry in entries:
            if entry["type"] == "message.new":
                if entry["message_seq"] <= newest.get(entry["group_id"], 0):
                    made.out_of_order += made.found("message out of order", [user_id])
                newest[entry["group_id"]] = entry["message_seq"]


def _check_reader(made: Reckoning, seen: Seen, entries: Sequence[Any]) -> None:
    """Everything in the mailbox came to its reader, once and in order, or was said to be reset."""
    made.received += len(seen.entries)
    made.resets += len(seen.reset_over)
    due = [
        (entry["seq"], str(entry["event_id"]))
        for entry in entries
        if entry["seq"] > seen.start and not _is_reset(seen, entry["seq"])
    ]
    if seen.start and not seen.shares_mailbox:
        made.gaps += made.found("first stream that did not start at 0", [seen.user_id])
    missing = set(due) - set(seen.entries)
    made.lost += made.found(f"entry never came to {seen.user_id}", sorted(missing))
    if seen.duplicated:
        made.duplicated += seen.duplicated
        made.found("entry twice on the wire", [seen.user_id])
    if seen.gaps:
        made.gaps += seen.gaps
        made.found("gap on the wire", [seen.user_id])
    if seen.out_of_order:
        made.out_of_order += seen.out_of_order
        made.found("messages out of order on the wire", [seen.user_id])
    made.found(f"frame that {seen.user_id} should not get", seen.unexpected)
    made.found(f"entry that is not in the mailbox of {seen.user_id}", set(seen.entries) - set(due))


def _is_reset(seen: Seen, position: int) -> bool:
    return any(after < position <= up_to for after, up_to in seen.reset_over)

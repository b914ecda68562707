"""Telling senders what became of their messages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.chat.actions import facts
from services.chat.domain.receipts import (
    Covered,
    Interval,
    Move,
    Sent,
    covered_by_number,
    covered_by_people,
)
from services.chat.storage import display_names, members, messages, pending_receipts, watermarks
from services.chat.storage.pending_receipts import Window
from shared.events.fact import Fact, Person
from shared.outbox.record import Outbox, record
from shared.postgres.pool import Connection

# Windows told in one transaction.
WINDOWS = 200
# Positions of one group looked at in one round. Who returns to more than that is told of newest
# first; the rest stays pending for the next rounds.
POSITIONS = 1000
INDIVIDUAL_PAUSE = 0.1
AGGREGATE_PAUSE = 1.0


async def announce_due(outbox: Outbox) -> None:
    """Tell the senders of every group whose window is open; one transaction for all of them.

    The windows stay locked until the commit, so receipts of one group leave in order however many
    replicas do this at once.
    """
    async with outbox.transaction() as connection:
        windows, moves = await pending_receipts.take(
            connection, WINDOWS, INDIVIDUAL_PAUSE, AGGREGATE_PAUSE
        )
        if windows:
            readers = {m.user_id for m in moves if m.user_id is not None and m.kind == "read"}
            names = await display_names.names_of(connection, sorted(readers)) if readers else {}
            await announce(connection, windows, moves, names)


async def announce(
    connection: Connection,
    windows: Sequence[Window],
    moves: Sequence[Move],
    names: Mapping[str, str],
) -> None:
    """Record, in the open transaction, what `moves` mean to the senders of each window's group;
    `names` are those of the readers."""
    told = await _Told.of(connection, moves, names)
    if told.leftover:
        await pending_receipts.add(connection, told.leftover)
    recorded: list[Fact] = []
    counts: list[tuple[Window, Covered]] = []
    for window in windows:
        mine = told.moves[window.group.id, window.kind]
        if not window.individual or any(move.user_id is None for move in mine):
            sent = told.sent[window.group.id]
            counts += [(window, covered) for covered in covered_by_number(mine, sent)]
        elif window.kind == "delivered":
            recorded += [
                facts.delivered_to_people(window.group, covered)
                for covered in told.covered(window, mine)
            ]
        else:
            recorded += told.read_by_each(window, mine)
    if counts:
        recorded += await _counted(connection, counts)
    if recorded:
        await record(connection, *recorded)


async def _counted(connection: Connection, counts: Sequence[tuple[Window, Covered]]) -> list[Fact]:
    numbers = await watermarks.counts(
        connection,
        {(window.group.id, covered.newest.seq, covered.sender_id) for window, covered in counts},
    )
    return [
        facts.counted(
            window.group,
            window.kind,
            covered,
            *numbers.get((window.group.id, covered.newest.seq), (0, 0)),
        )
        for window, covered in counts
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """Everything about the moves of one round, read set by set."""

    moves: dict[tuple[UUID, str], list[Move]]
    leftover: list[Move]
    sent: dict[UUID, list[Sent]]
    intervals: dict[UUID, list[Interval]]
    names: Mapping[str, str]

    @classmethod
    async def of(
        cls, connection: Connection, moves: Sequence[Move], names: Mapping[str, str]
    ) -> "_Told":
        ranges = _ranges(moves)
        sent = await messages.sent_between(
            connection, [(group_id, *span) for group_id, span in ranges.items()], POSITIONS
        )
        people = sorted({(m.group_id, m.user_id) for m in moves if m.user_id is not None})
        kept: defaultdict[tuple[UUID, str], list[Move]] = defaultdict(list)
        leftover: list[Move] = []
        for move in moves:
            floor = ranges[move.group_id][1] - POSITIONS
            if newer := move.above(floor):
                kept[move.group_id, move.kind].append(newer)
            if older := move.up_to(floor):
                leftover.append(older)
        intervals = await members.intervals(connection, people) if people else {}
        return cls(kept, leftover, sent, intervals, names)

    def covered(self, window: Window, moves: Sequence[Move]) -> list[Covered]:
        group_id = window.group.id
        return covered_by_people(moves, self.sent[group_id], self.intervals.get(group_id, []))

    def read_by_each(self, window: Window, moves: Sequence[Move]) -> list[Fact]:
        """One fact for each reader and sender."""
        by_reader: defaultdict[str, list[Move]] = defaultdict(list)
        for move in moves:
            by_reader[move.user_id or ""].append(move)
        return [
            facts.read_by(
                window.group, covered, Person(user_id=reader, name=self.names.get(reader, reader))
            )
            for reader, theirs in sorted(by_reader.items())
            for covered in self.covered(window, theirs)
        ]


def _ranges(moves: Sequence[Move]) -> dict[UUID, tuple[int, int]]:
    """The span of positions that the moves of each group cover together."""
    ranges: dict[UUID, tuple[int, int]] = {}
    for move in moves:
        low, high = ranges.get(move.group_id, (move.from_seq, move.to_seq))
        ranges[move.group_id] = (min(low, move.from_seq), max(high, move.to_seq))
    return ranges

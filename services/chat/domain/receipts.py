"""Receipts: watermarks per member and group, and what senders are told of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from shared.events.chat import MAX_MESSAGE_IDS

Kind = Literal["delivered", "read"]


@dataclass(frozen=True, slots=True)
class Move:
    """A watermark moved: messages with from_seq < seq <= to_seq are newly covered. `user_id` is
    None where the group is too large to say whose watermark it was."""

    group_id: UUID
    kind: Kind
    user_id: str | None
    from_seq: int
    to_seq: int

    def above(self, seq: int) -> "Move | None":
        """The part of it above `seq`, if any."""
        start = max(self.from_seq, seq)
        return (
            Move(self.group_id, self.kind, self.user_id, start, self.to_seq)
            if (start < self.to_seq)
            else None
        )

    def up_to(self, seq: int) -> "Move | None":
        """The part of it up to `seq`, if any."""
        end = min(self.to_seq, seq)
        return (
            Move(self.group_id, self.kind, self.user_id, self.from_seq, end)
            if (self.from_seq < end)
            else None
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """What a receipt needs to know of a message."""

    id: UUID
    seq: int
    sender_id: str
    total: int


@dataclass(frozen=True, slots=True)
class Reached:
    """`user_id` has received a message, and perhaps read it."""

    user_id: str
    has_read: bool


@dataclass(frozen=True, slots=True)
class Interval:
    """`user_id` was a member when messages with joined_seq < seq <= left_seq were sent."""

    user_id: str
    joined_seq: int
    left_seq: int | None

    def covers(self, seq: int) -> bool:
        return self.joined_seq < seq and (self.left_seq is None or seq <= self.left_seq)


@dataclass(slots=True)
class Covered:
    """One sender's messages that are newly covered, and up to where by whom."""

    sender_id: str
    messages: list[Sent] = field(default_factory=list)
    up_to: dict[str, int] = field(default_factory=dict)

    @property
    def newest(self) -> Sent:
        return self.messages[-1]

    @property
    def message_ids(self) -> tuple[UUID, ...]:
        return tuple(message.id for message in self.messages[-MAX_MESSAGE_IDS:])


def covered_by_people(
    moves: Sequence[Move], messages: Sequence[Sent], intervals: Iterable[Interval]
) -> list[Covered]:
    """For each sender: which of their messages the `moves` of one group newly cover, and by whom.

    `messages` are in order. Only those count who were members when a message was sent, and nobody
    receives their own message.
    """
    present: defaultdict[str, list[Interval]] = defaultdict(list)
    for interval in intervals:
        present[interval.user_id].append(interval)
    found: dict[str, Covered] = {}
    for message in messages:
        recipients = {
            move.user_id
            for move in moves
            if move.user_id is not None
            and move.user_id != message.sender_id
            and move.from_seq < message.seq <= move.to_seq
            and any(interval.covers(message.seq) for interval in present[move.user_id])
        }
        if recipients:
            covered = found.setdefault(message.sender_id, Covered(message.sender_id))
            covered.messages.append(message)
            covered.up_to.update(dict.fromkeys(recipients, message.seq))
    return [found[sender] for sender in sorted(found)]


def covered_by_number(moves: Sequence[Move], messages: Sequence[Sent]) -> list[Covered]:
    """For each sender: which of their messages the `moves` of one group newly cover."""
    found: dict[str, Covered] = {}
    for message in messages:
        if any(move.from_seq < message.seq <= move.to_seq for move in moves):
            covered = found.setdefault(message.sender_id, Covered(message.sender_id))
            covered.messages.append(message)
    return [found[sender] for sender in sorted(found)]

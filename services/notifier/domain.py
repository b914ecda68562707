"""Mailboxes, entries and cursors, and the rules by which they move. No I/O."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal as OneOf
from typing import get_args
from uuid import UUID

from pydantic_core import from_json, to_json

NotificationType = OneOf[
    "message.new",
    "message.delivered",
    "message.read",
    "message.deleted",
    "group.invite",
    "group.member_removed",
    "group.member_left",
    "group.role_updated",
    "group.updated",
    "group.deleted",
]
NOTIFICATION_TYPES: frozenset[str] = frozenset(get_args(NotificationType))

# Receipts move ticks and lists, not the badge.
BORN_READ: frozenset[str] = frozenset({"message.delivered", "message.read"})

_CURSOR = re.compile(r"(?:e([0-9]{1,18})-)?([0-9]{1,18})")


_BLANK = {"content": "", "metadata": None, "isDeleted": True}


def blanked_data(data: str | bytes) -> bytes:
    """The data of a `message.new` without the message's content."""
    return to_json(from_json(data) | _BLANK)


@dataclass(frozen=True, slots=True)
class MessagePosition:
    """The place of a message: by it chat learns what was delivered."""

    group_id: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What one event tells, and whom. `data` is compact JSON."""

    event_id: UUID
    type: NotificationType
    title: str
    message: str
    data: bytes
    created_at: datetime
    audience: Sequence[str]
    actor_id: str | None
    group_id: UUID
    # Of message.new: the message itself. Of message.deleted: the one whose content goes.
    message_id: UUID | None = None
    position: MessagePosition | None = None
    traceparent: str | None = None

    def blanked(self) -> "Notice":
        """The notice of a message that was deleted since: nothing of its content is left."""
        return replace(self, message="", data=blanked_data(self.data))

    def is_born_read_by(self, user_id: str) -> bool:
        return self.type in BORN_READ or user_id == self.actor_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One notification as its owner sees it. `body` is its JSON from `type` on: the part that all
    recipients share."""

    seq: int
    is_read: bool
    is_delivered: bool
    body: bytes
    position: MessagePosition | None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox's counters; all zero for a user who was never told anything."""

    last_seq: int = 0
    delivered_seq: int = 0
    floor_seq: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a mailbox of the store with this epoch."""

    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"e{self.epoch}-{self.seq}"


def parse_cursor(text: str, present_epoch: int) -> Cursor | None:
    """The cursor that `text` names, or None. A bare notification id means the present epoch."""
    found = _CURSOR.fullmatch(text)
    if found is None:
        return None
    epoch, seq = found.groups()
    return Cursor(present_epoch if epoch is None else int(epoch), int(seq))


class ResetReason(StrEnum):
    """Why the server can't prove that it sends everything after a cursor."""

    UNREADABLE = "unreadable"
    UNKNOWN_EPOCH = "unknown_epoch"
    BEYOND_END = "beyond_end"
    EXPIRED = "expired"
    TOO_FAR_BEHIND = "too_far_behind"


def reason_to_reset(
    cursor: Cursor | None, mailbox: Mailbox, epoch: int, replay_limit: int
) -> ResetReason | None:
    """Why a client at `cursor` (None: unreadable) must reload, or None when it can be resumed."""
    if cursor is None:
        return ResetReason.UNREADABLE
    if cursor.epoch != epoch:
        return ResetReason.UNKNOWN_EPOCH
    if cursor.seq > mailbox.last_seq:
        return ResetReason.BEYOND_END
    if cursor.seq < mailbox.floor_seq:
        return ResetReason.EXPIRED
    if mailbox.last_seq - cursor.seq > replay_limit:
        return ResetReason.TOO_FAR_BEHIND
    return None

"""What a client is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Notification:
    """An entry of the user's mailbox. What `data` holds depends on `type`: see the behaviour of
    the ten types in the server's documentation. `event_id` is the same for everybody who was told
    of the same thing, and on whatever way it comes."""

    id: str
    type: str
    title: str
    message: str
    data: Mapping[str, Any]
    is_read: bool
    is_delivered: bool
    created_at: datetime
    event_id: str
    cursor: str

    @classmethod
    def of(cls, said: Mapping[str, Any], cursor: str) -> "Notification":
        """Raises KeyError, TypeError and ValueError for what is no notification."""
        return cls(
            id=str(said["id"]),
            type=str(said["type"]),
            title=str(said["title"]),
            message=str(said["message"]),
            data=dict(said["data"]),
            is_read=bool(said["isRead"]),
            is_delivered=bool(said["isDelivered"]),
            created_at=datetime.fromisoformat(said["createdAt"]),
            event_id=str(said["eventId"]),
            cursor=cursor,
        )


@dataclass(frozen=True, slots=True)
class Reset:
    """Nobody can prove that nothing was missed: reload what is shown, from `resync_url` or with
    `inbox()`. What comes next follows `cursor`."""

    reason: str
    cursor: str
    unread: int
    resync_url: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Reset":
        return cls(
            str(said["reason"]), str(said["cursor"]), int(said["unread"]), str(said["resyncUrl"])
        )


class State(StrEnum):
    """How events come at present."""

    CONNECTING = "connecting"
    STREAMING = "streaming"
    POLLING = "polling"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class StateChange:
    """Nothing to act upon, but good to show. `seconds` is how long a `waiting` will last; `unread`
    is told when a stream begins."""

    state: State
    why: str = ""
    seconds: float | None = None
    unread: int | None = None


Event = Notification | Reset | StateChange

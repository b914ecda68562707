"""The events of a stream, and what a poll answers."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from services.notifier.domain import ResetReason
from services.notifier.shapes.notifications import Notification
from shared.web.shapes import Count, UserId, documented

Cursor = Annotated[
    str,
    Field(
        pattern="^e[0-9]{1,18}-[0-9]{1,18}$",
        examples=["e1-42"],
        description="A place in the mailbox; opaque.",
    ),
]
Milliseconds = Annotated[
    int, Field(description="Milliseconds since 1970.", examples=[1764000000000])
]


@with_config(documented())
class Connected(TypedDict):
    """The first event: where this stream starts."""

    userId: UserId
    timestamp: Milliseconds
    cursor: Cursor
    newest: Cursor
    """The mailbox's end: what lies between follows at once."""
    unread: Count
    heartbeat: float
    """The longest time between two heartbeats, in seconds."""


@with_config(documented())
class Reset(TypedDict):
    """It can't be proven that all after the client's cursor follows: reload over REST, and go on
    from this cursor."""

    reason: ResetReason
    cursor: Cursor
    unread: Count
    resyncUrl: Annotated[str, Field(examples=["/v1/notifications"])]


@with_config(documented())
class Heartbeat(TypedDict):
    """The link is alive; `cursor` is the mailbox's end, and shows a gap."""

    timestamp: Milliseconds
    cursor: Cursor


@with_config(documented())
class Closed(TypedDict):
    """The last event: the user has opened too many streams and this is the oldest, or everything
    that the user listens to was ended."""

    reason: Literal["too_many_streams", "disconnected"]


@with_config(documented())
class TokenExpired(TypedDict):
    """The last event: the token behind the stream has expired."""

    timestamp: Milliseconds


# The events of a stream by name.
EVENTS = {
    "connected": Connected,
    "notification": Notification,
    "reset": Reset,
    "heartbeat": Heartbeat,
    "closed": Closed,
    "token_expired": TokenExpired,
}


@with_config(documented())
class Polled(TypedDict):
    """What came after the cursor, oldest first."""

    notifications: Annotated[list[Notification], Field(max_length=100)]
    cursor: Cursor
    """Where the next poll goes on."""
    timestamp: Milliseconds
    more: bool
    """Whether more waits already."""
    reset: NotRequired[Reset]


@with_config(documented())
class Acknowledged(TypedDict):
    """Up to where all counts as delivered."""

    cursor: Cursor


@with_config(documented())
class Ticket(TypedDict):
    """Opens streams and polls, and nothing else; may be used again while it lives."""

    ticket: Annotated[str, Field(examples=["eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"])]
    expiresIn: Annotated[int, Field(ge=0, examples=[600])]
    """In seconds."""

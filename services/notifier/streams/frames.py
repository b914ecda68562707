"""SSE bytes. Pure functions; see https://html.spec.whatwg.org/multipage/server-sent-events.html

A notification's JSON begins with what differs by recipient and goes on with what all recipients
share, so that an event is encoded once: `body` is the shared part.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic_core import to_json

from services.notifier.domain import Cursor
from services.notifier.shapes.events import Closed, Connected, Heartbeat, Reset, TokenExpired
from shared.web.json import timestamp


def shared_body(
    type_: str, title: str, message: str, data: bytes, created_at: datetime, event_id: UUID
) -> bytes:
    """The part of a notification's JSON that all its recipients share, from `type` on."""
    return b'"type":%b,"title":%b,"message":%b,"data":%b,"createdAt":"%b","eventId":"%b"}' % (
        to_json(type_),
        to_json(title),
        to_json(message),
        data,
        timestamp(created_at).encode(),
        str(event_id).encode(),
    )


def notification_json(seq: int, is_read: bool, is_delivered: bool, body: bytes) -> bytes:
    """A notification as its owner sees it."""
    return b'{"id":"%d","isRead":%b,"isDelivered":%b,%b' % (
        seq,
        b"true" if is_read else b"false",
        b"true" if is_delivered else b"false",
        body,
    )


def notification(epoch: int, seq: int, is_read: bool, is_delivered: bool, body: bytes) -> bytes:
    """A notification as an event; its id is the cursor behind it."""
    # In one step, not around `notification_json`: this runs for every frame of every stream.
    return (
        b'id: e%d-%d\nevent: notification\ndata: {"id":"%d","isRead":%b,"isDelivered":%b,%b\n\n'
        % (
            epoch,
            seq,
            seq,
            b"true" if is_read else b"false",
            b"true" if is_delivered else b"false",
            body,
        )
    )


def retry(milliseconds: int) -> bytes:
    """How long the client waits before it reconnects."""
    return b"retry: %d\n\n" % milliseconds


def _event(name: bytes, data: Mapping[str, object], cursor: Cursor | None = None) -> bytes:
    id_line = b"id: %b\n" % str(cursor).encode() if cursor else b""
    return b"%bevent: %b\ndata: %b\n\n" % (id_line, name, to_json(data))


def connected(
    user_id: str, now: int, cursor: Cursor, newest: Cursor, unread: int, heartbeat: float
) -> bytes:
    """Where this stream starts; as its id too, so that a client cut off at once resumes there.

    `now` is in epoch milliseconds, `heartbeat` in seconds.
    """
    data: Connected = {
        "userId": user_id,
        "timestamp": now,
        "cursor": str(cursor),
        "newest": str(newest),
        "unread": unread,
        "heartbeat": int(heartbeat) if heartbeat == int(heartbeat) else heartbeat,
    }
    return _event(b"connected", data, cursor)


def reset(reset_data: Reset, cursor: Cursor) -> bytes:
    """What follows can't be proven complete: reload, and go on from `cursor`."""
    return _event(b"reset", reset_data, cursor)


def heartbeat(now: int, newest: Cursor) -> bytes:
    """A real event, because comments are invisible to browser code."""
    data: Heartbeat = {"timestamp": now, "cursor": str(newest)}
    return _event(b"heartbeat", data)


def closed(data: Closed) -> bytes:
    return _event(b"closed", data)


def token_expired(now: int) -> bytes:
    data: TokenExpired = {"timestamp": now}
    return _event(b"token_expired", data)

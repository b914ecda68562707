"""A stream as a client gets it, for the contract: of the frames that serve."""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic_core import to_json

from services.notifier.domain import Cursor
from services.notifier.shapes.notifications import SOUP
from services.notifier.streams import frames

_SAID = datetime.fromisoformat(SOUP["createdAt"])
_OPENED = _SAID - timedelta(seconds=11.512)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def example() -> str:
    """Bob's: it is opened, a message comes, and then nothing for 30 seconds."""
    before, behind = Cursor(1, 41), Cursor(1, 42)
    soup = frames.shared_body(
        SOUP["type"],
        SOUP["title"],
        SOUP["message"],
        to_json(SOUP["data"]),
        _SAID,
        UUID(SOUP["eventId"]),
    )
    told = (
        frames.retry(2718),
        frames.connected("bob", _milliseconds(_OPENED), before, before, 3, 30),
        frames.notification(1, 42, is_read=False, is_delivered=False, body=soup),
        frames.heartbeat(_milliseconds(_SAID + timedelta(seconds=30)), behind),
    )
    return b"".join(told).decode()

"""A stream as a client gets it, for the contract: of the frames that serve."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic_core import to_json

from services.notifier.domain import Cursor
from services.notifier.shapes.data import NewMessage
from services.notifier.streams import frames

_OPENED = datetime(2026, 11, 23, 23, 40, 1, tzinfo=UTC)
_SAID = _OPENED + timedelta(seconds=11.512)
_SOUP: NewMessage = {
    "groupId": UUID("019aa63f-6b2e-7c41-9a0e-3f1d5b8c7a90"),
    "groupName": "Lunch",
    "messageId": UUID("019aa640-1d2e-7c41-9a0e-3f1d5b8c7a91"),
    "seq": 2,
    "senderId": "alice",
    "senderName": "Alice",
    "content": "Soup at noon?",
    "messageType": "text",
    "metadata": None,
    "clientMessageId": "a-17",
}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def example() -> str:
    """Bob's: it is opened, a message comes, and then nothing for 30 seconds."""
    before, behind = Cursor(1, 41), Cursor(1, 42)
    soup = frames.shared_body(
        "message.new",
        "Alice in Lunch",
        "Soup at noon?",
        to_json(_SOUP),
        _SAID,
        UUID("019aa640-1d2f-7c41-9a0e-3f1d5b8c7a92"),
    )
    told = (
        frames.retry(2718),
        frames.connected("bob", _milliseconds(_OPENED), before, before, 3, 30),
        frames.notification(1, 42, is_read=False, is_delivered=False, body=soup),
        frames.heartbeat(_milliseconds(_SAID + timedelta(seconds=30)), behind),
    )
    return b"".join(told).decode()

"""Messages, receipts and conversations: the shapes of chat's answers."""

from typing import Annotated, Any, Literal

from pydantic import Field, with_config
from typing_extensions import TypedDict

from services.chat.domain.messages import MAX_CONTENT
from shared.web.shapes import Count, Group, Id, Pagination, Timestamp, UserId, documented

Seq = Annotated[int, Field(ge=1)]


@with_config(documented())
class Receipts(TypedDict):
    """How many have a message, of those who were members when it was sent, without the sender."""

    total: Count
    delivered: Count
    read: Count


@with_config(
    documented(
        examples=[
            {
                "id": "019aa640-1d2e-7c41-9a0e-3f1d5b8c7a91",
                "groupId": "019aa63f-6b2e-7c41-9a0e-3f1d5b8c7a90",
                "seq": 2,
                "senderId": "alice",
                "senderName": "Alice",
                "type": "text",
                "content": "Soup at noon?",
                "metadata": None,
                "clientMessageId": "a-17",
                "isDeleted": False,
                "createdAt": "2026-11-23T23:41:12.512Z",
                "status": {"total": 1, "delivered": 1, "read": 0},
            }
        ]
    )
)
class Message(TypedDict):
    """A message in its group's history."""

    id: Id
    groupId: Id
    seq: Seq
    """Its place in the group, from 1, without gaps."""
    senderId: UserId
    senderName: str
    type: Literal["text", "image", "file", "system"]
    """`system` messages are the service's own: they notify nobody and are never unread."""
    content: Annotated[str, Field(max_length=MAX_CONTENT)]
    """Empty once the message is deleted."""
    metadata: dict[str, Any] | None
    clientMessageId: str | None
    isDeleted: bool
    createdAt: Timestamp
    status: Receipts


@with_config(documented())
class Slice(TypedDict):
    """Messages before or after a place in the history, oldest first."""

    messages: Annotated[list[Message], Field(max_length=100)]
    hasMore: bool


@with_config(documented())
class ReadUpTo(TypedDict):
    """Up to where the caller has read."""

    groupId: Id
    readSeq: Seq


@with_config(
    documented(
        examples=[
            {"total": 1, "delivered": 1, "read": 0, "deliveredTo": ["bob"], "readBy": []},
        ]
    )
)
class Status(TypedDict):
    """Who has a message, of those who were members when it was sent, without the sender."""

    total: Count
    delivered: Count
    read: Count
    deliveredTo: list[UserId]
    readBy: list[UserId]


@with_config(documented())
class Conversation(TypedDict):
    """A group as it stands in the caller's list."""

    group: Group
    lastMessage: Message | None
    unreadCount: Count
    lastReadSeq: Count


@with_config(documented())
class HistoryPage(TypedDict):
    """A page of the history, oldest message first; page 1 is the newest."""

    messages: Annotated[list[Message], Field(max_length=100)]
    pagination: Pagination

"""Notifications by type, as inbox, stream and poll show them."""

from typing import Annotated, Any, Literal

from pydantic import Field, with_config
from typing_extensions import TypedDict

from services.notifier.shapes.data import (
    ChangedGroup,
    ChangedRole,
    DeletedGroup,
    DeletedMessage,
    Delivered,
    Invitation,
    LeftMember,
    NewMessage,
    Read,
    RemovedMember,
)
from shared.web.shapes import Id, Timestamp, documented

NotificationId = Annotated[str, Field(pattern="^[1-9][0-9]{0,17}$", examples=["42"])]


class _Notification(TypedDict):
    id: NotificationId
    """Its place in its owner's mailbox."""
    title: Annotated[str, Field(max_length=200)]
    message: Annotated[str, Field(max_length=500)]
    isRead: bool
    isDelivered: bool
    createdAt: Timestamp
    eventId: Id


# Alice tells Bob; the documents show it as an entry and on a stream.
SOUP: dict[str, Any] = {
    "id": "42",
    "type": "message.new",
    "title": "Alice in Lunch",
    "message": "Soup at noon?",
    "data": {
        "groupId": "019aa63f-6b2e-7c41-9a0e-3f1d5b8c7a90",
        "groupName": "Lunch",
        "messageId": "019aa640-1d2e-7c41-9a0e-3f1d5b8c7a91",
        "seq": 2,
        "senderId": "alice",
        "senderName": "Alice",
        "content": "Soup at noon?",
        "messageType": "text",
        "metadata": None,
        "clientMessageId": "a-17",
    },
    "isRead": False,
    "isDelivered": True,
    "createdAt": "2026-11-23T23:41:12.512Z",
    "eventId": "019aa640-1d2f-7c41-9a0e-3f1d5b8c7a92",
}


@with_config(documented(examples=[SOUP]))
class MessageNew(_Notification):
    """A message was sent; told to every member but the sender."""

    type: Literal["message.new"]
    data: NewMessage


@with_config(documented())
class MessageDelivered(_Notification):
    """Messages reached recipients; told to their sender, and born read."""

    type: Literal["message.delivered"]
    data: Delivered


@with_config(documented())
class MessageRead(_Notification):
    """Messages were read; told to their sender, and born read."""

    type: Literal["message.read"]
    data: Read


@with_config(documented())
class MessageDeleted(_Notification):
    """A message was deleted; told to every member."""

    type: Literal["message.deleted"]
    data: DeletedMessage


@with_config(documented())
class GroupInvite(_Notification):
    """Told to those added to a group, at its creation or later, and of a new dm."""

    type: Literal["group.invite"]
    data: Invitation


@with_config(documented())
class GroupMemberRemoved(_Notification):
    """Told to the one removed and to the members who remain."""

    type: Literal["group.member_removed"]
    data: RemovedMember


@with_config(documented())
class GroupMemberLeft(_Notification):
    """Told to the one who left and to the members who remain."""

    type: Literal["group.member_left"]
    data: LeftMember


@with_config(documented())
class GroupRoleUpdated(_Notification):
    """Told to those whose role or standing changed."""

    type: Literal["group.role_updated"]
    data: ChangedRole


@with_config(documented())
class GroupUpdated(_Notification):
    """Name, description, avatar or settings changed; told to every member."""

    type: Literal["group.updated"]
    data: ChangedGroup


@with_config(documented())
class GroupDeleted(_Notification):
    """The group is gone; told to everyone who was in it."""

    type: Literal["group.deleted"]
    data: DeletedGroup


Notification = Annotated[
    MessageNew
    | MessageDelivered
    | MessageRead
    | MessageDeleted
    | GroupInvite
    | GroupMemberRemoved
    | GroupMemberLeft
    | GroupRoleUpdated
    | GroupUpdated
    | GroupDeleted,
    Field(discriminator="type"),
]

"""The `data` of each type of notification, in addition to the group's id and name. The words are
those of `inbox.translations`."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from shared.web.shapes import Count, Id, Role, UserId, documented

Seq = Annotated[int, Field(ge=1)]


class InGroup(TypedDict):
    """Common to the `data` of all notifications."""

    groupId: Id
    groupName: str | None
    """Null for a dm."""


@with_config(documented())
class NewMessage(InGroup):
    """The whole message: it can be shown without another call. Once it was deleted its content is
    empty and `isDeleted` true."""

    messageId: Id
    seq: Seq
    senderId: UserId
    senderName: str
    content: str
    messageType: Literal["text", "image", "file"]
    metadata: dict[str, Any] | None
    clientMessageId: str | None
    isDeleted: NotRequired[Literal[True]]


@with_config(documented())
class ReceiptsOf(TypedDict):
    """Somebody has every message up to this one."""

    userId: UserId
    upToSeq: Seq


class _Receipt(InGroup):
    messageIds: Annotated[list[Id], Field(max_length=100)]
    """Those newly covered; of more than a hundred the newest."""
    upToSeq: Seq
    total: Count
    """How many could have the newest."""


@with_config(documented())
class Delivered(_Receipt):
    """Messages reached people, who are named where receipts are individual and else counted."""

    deliveredTo: NotRequired[list[UserId]]
    receipts: NotRequired[list[ReceiptsOf]]
    deliveredCount: NotRequired[Count]


@with_config(documented())
class Read(_Receipt):
    """Messages were read: by somebody named where receipts are individual, else by so many."""

    readerId: NotRequired[UserId]
    readerName: NotRequired[str]
    readCount: NotRequired[Count]


@with_config(documented())
class DeletedMessage(InGroup):
    """A message's content is gone."""

    messageId: Id
    seq: Seq
    deletedBy: UserId


@with_config(documented())
class Invitation(InGroup):
    """Somebody was added to a group, or a dm was opened with them."""

    invitedBy: UserId
    inviterName: str
    groupType: Literal["group", "dm"]


@with_config(documented())
class RemovedMember(InGroup):
    """An admin removed somebody."""

    userId: UserId
    userName: str
    removedBy: UserId


@with_config(documented())
class LeftMember(InGroup):
    """Somebody left."""

    userId: UserId
    userName: str


@with_config(documented())
class ChangedRole(InGroup):
    """A role changed, or the group was handed over: then `createdBy` is its new creator."""

    userId: UserId
    role: Role
    changedBy: UserId
    createdBy: NotRequired[UserId]


@with_config(documented())
class ChangedGroup(InGroup):
    """Info or settings of a group changed."""

    changes: list[Literal["name", "description", "avatar", "settings"]]
    updatedBy: UserId


@with_config(documented())
class DeletedGroup(InGroup):
    """The creator deleted the group."""

    deletedBy: UserId

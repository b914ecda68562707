"""What the server answers, as types. Times are RFC 3339 in UTC."""

from typing import Any, Literal, NotRequired, TypedDict


class GroupSettings(TypedDict):
    onlyAdminsCanMessage: bool
    onlyAdminsCanEditInfo: bool
    maxMembers: int


class Group(TypedDict):
    id: str
    type: Literal["group", "dm"]
    name: str
    description: str
    avatar: str | None
    createdBy: str
    settings: GroupSettings
    memberCount: int
    role: Literal["admin", "member"]
    receipts: Literal["individual", "aggregate"]
    createdAt: str
    updatedAt: str


class Member(TypedDict):
    userId: str
    name: str
    role: Literal["admin", "member"]
    joinedAt: str


class Added(TypedDict):
    group: Group
    added: list[str]
    skipped: list[str]


class Counts(TypedDict):
    total: int
    delivered: int
    read: int


class Message(TypedDict):
    id: str
    groupId: str
    seq: int
    senderId: str
    senderName: str
    type: Literal["text", "image", "file", "system"]
    content: str
    metadata: dict[str, Any] | None
    clientMessageId: str | None
    isDeleted: bool
    createdAt: str
    status: Counts


class History(TypedDict):
    """`hasMore` where a position was asked for, `pagination` where the newest were."""

    messages: list[Message]
    hasMore: NotRequired[bool]
    pagination: NotRequired["Pagination"]


class MessageStatus(Counts):
    deliveredTo: list[str]
    readBy: list[str]


class ReadMark(TypedDict):
    groupId: str
    readSeq: int


class Conversation(TypedDict):
    group: Group
    lastMessage: Message | None
    unreadCount: int
    lastReadSeq: int


class Pagination(TypedDict):
    page: int
    limit: int
    total: int
    pages: int


class Groups(TypedDict):
    groups: list[Group]
    pagination: Pagination


class Members(TypedDict):
    members: list[Member]
    pagination: Pagination


class Conversations(TypedDict):
    conversations: list[Conversation]
    pagination: Pagination


class InboxEntry(TypedDict):
    id: str
    type: str
    title: str
    message: str
    data: dict[str, Any]
    isRead: bool
    isDelivered: bool
    createdAt: str
    eventId: str


class Inbox(TypedDict):
    notifications: list[InboxEntry]
    pagination: Pagination


class Ticket(TypedDict):
    """`expiresIn` is in seconds."""

    ticket: str
    expiresIn: int

"""Facts of the chat service. Owner: the chat team."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from shared.events.fact import Erasure, GroupFact, Person, UserId, Wire

MessageType = Literal["text", "image", "file", "system"]

# A receipt names at most this many messages: the newest. `up_to_seq` covers the rest.
MAX_MESSAGE_IDS = 100


class Message(Wire):
    id: UUID
    seq: int = Field(ge=1)
    type: MessageType
    content: str
    metadata: dict[str, JsonValue] | None
    client_message_id: str | None
    created_at: AwareDatetime


class MessageSent(GroupFact):
    """`actor` sent a message; the audience is every member but the sender (nobody for `system`)."""

    TYPE: ClassVar[str] = "chat.message.sent.v1"
    actor: Person
    message: Message


class MessageDeleted(GroupFact):
    """A message's content is gone; the audience is every member."""

    TYPE: ClassVar[str] = "chat.message.deleted.v1"
    actor: Person
    message_id: UUID
    seq: int = Field(ge=1)
    sender_id: UserId


class UpTo(Wire):
    """`user_id` has everything up to and including `up_to_seq`."""

    user_id: UserId
    up_to_seq: int = Field(ge=1)


class _Receipt(GroupFact):
    """Common to both receipts; the audience is the sender of the messages. `total` counts the
    members (sender aside) at the time the newest message was sent."""

    sender_id: UserId
    message_ids: tuple[UUID, ...] = Field(max_length=MAX_MESSAGE_IDS)
    up_to_seq: int = Field(ge=1)
    total: int = Field(ge=0)


class MessageDelivered(_Receipt):
    """Messages reached recipients. In groups with individual receipts `delivered_to` and `receipts`
    name them; with aggregate receipts `delivered_count` counts them for the newest message."""

    TYPE: ClassVar[str] = "chat.message.delivered.v1"
    delivered_to: tuple[UserId, ...] | None = None
    receipts: tuple[UpTo, ...] | None = None
    delivered_count: int | None = None


class MessageRead(_Receipt):
    """Messages were read: by `reader`, or with aggregate receipts by `read_count` people."""

    TYPE: ClassVar[str] = "chat.message.read.v1"
    reader: Person | None = None
    read_count: int | None = None


class PersonErasedFromChat(Erasure):
    """Nothing of the person is left in chat, nor will chat say anything of them any more."""

    TYPE: ClassVar[str] = "chat.person.erased.v1"
    user_id: UserId

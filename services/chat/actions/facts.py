"""What happened, as the published facts of chat."""

from collections.abc import Sequence
from typing import Any

from services.chat.domain.messages import Message
from services.chat.domain.receipts import Covered, Kind
from shared.events import chat
from shared.events.chat import MessageDeleted, MessageDelivered, MessageRead, MessageSent, UpTo
from shared.events.fact import GroupRef, Person


def message_sent(group: GroupRef, message: Message, audience: Sequence[str]) -> MessageSent:
    return MessageSent(
        audience=tuple(audience),
        group=group,
        actor=Person(user_id=message.sender_id, name=message.sender_name),
        message=chat.Message(
            id=message.id,
            seq=message.seq,
            type=message.type,
            content=message.content,
            metadata=message.metadata_object,
            client_message_id=message.client_message_id,
            created_at=message.created_at,
        ),
    )


def message_deleted(
    group: GroupRef, message: Message, actor: Person, audience: Sequence[str]
) -> MessageDeleted:
    return MessageDeleted(
        audience=tuple(audience),
        group=group,
        actor=actor,
        message_id=message.id,
        seq=message.seq,
        sender_id=message.sender_id,
    )


def _covering(group: GroupRef, covered: Covered) -> dict[str, Any]:
    """What every receipt says: to whom, and which of their messages it covers."""
    return {
        "audience": (covered.sender_id,),
        "group": group,
        "sender_id": covered.sender_id,
        "message_ids": covered.message_ids,
        "up_to_seq": covered.newest.seq,
        "total": covered.newest.total,
    }


def delivered_to_people(group: GroupRef, covered: Covered) -> MessageDelivered:
    return MessageDelivered(
        **_covering(group, covered),
        delivered_to=tuple(sorted(covered.up_to)),
        receipts=tuple(
            UpTo(user_id=user_id, up_to_seq=seq) for user_id, seq in sorted(covered.up_to.items())
        ),
    )


def read_by(group: GroupRef, covered: Covered, reader: Person) -> MessageRead:
    return MessageRead(
        **_covering(group, covered),
        reader=reader,
    )


def counted(
    group: GroupRef, kind: Kind, covered: Covered, delivered: int, read: int
) -> MessageDelivered | MessageRead:
    """The receipt of a group too large to name people: how many have the newest message."""
    if kind == "delivered":
        return MessageDelivered(
            **_covering(group, covered),
            delivered_count=delivered,
        )
    return MessageRead(
        **_covering(group, covered),
        read_count=read,
    )

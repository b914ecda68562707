"""Facts → notices: the one table of what the notifier reacts to, and in which words."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from services.notifier.domain import MessagePosition, Notice, NotificationType
from shared.events import chat, groups
from shared.events.envelope import Event
from shared.events.fact import Fact, GroupFact, GroupRef

MAX_TITLE = 200
MAX_MESSAGE = 500
PREVIEW = 50

_ATTACHMENTS = {"image": "Sent an image", "file": "Sent a file"}


class _Told(NamedTuple):
    """A notice before it is dated and addressed."""

    type: NotificationType
    title: str
    message: str
    data: Mapping[str, object]
    actor_id: str | None
    message_id: UUID | None = None
    position: MessagePosition | None = None


def _place(group: GroupRef) -> str:
    return group.name or "your conversation"


def _message_sent(fact: chat.MessageSent) -> _Told:
    message, sender = fact.message, fact.actor
    title = sender.name if fact.group.name is None else f"{sender.name} in {fact.group.name}"
    data = {
        "messageId": message.id,
        "seq": message.seq,
        "senderId": sender.user_id,
        "senderName": sender.name,
        "content": message.content,
        "messageType": message.type,
        "metadata": message.metadata,
        "clientMessageId": message.client_message_id,
    }
    preview = message.content[:PREVIEW] or _ATTACHMENTS.get(message.type, "")
    position = MessagePosition(fact.group.id, message.seq)
    return _Told("message.new", title, preview, data, sender.user_id, message.id, position)


def _message_deleted(fact: chat.MessageDeleted) -> _Told:
    data = {"messageId": fact.message_id, "seq": fact.seq, "deletedBy": fact.actor.user_id}
    text = f"{fact.actor.name} deleted a message"
    return _Told(
        "message.deleted", _place(fact.group), text, data, fact.actor.user_id, fact.message_id
    )


def _receipt(fact: chat.MessageDelivered | chat.MessageRead) -> dict[str, object]:
    return {"messageIds": fact.message_ids, "upToSeq": fact.up_to_seq, "total": fact.total}


def _message_delivered(fact: chat.MessageDelivered) -> _Told:
    data = _receipt(fact)
    if fact.receipts is not None:
        data["deliveredTo"] = fact.delivered_to
        data["receipts"] = [receipt.model_dump(by_alias=True) for receipt in fact.receipts]
    else:
        data["deliveredCount"] = fact.delivered_count
    return _Told("message.delivered", _place(fact.group), "Your message was delivered", data, None)


def _message_read(fact: chat.MessageRead) -> _Told:
    data = _receipt(fact)
    if fact.reader is not None:
        data |= {"readerId": fact.reader.user_id, "readerName": fact.reader.name}
        text = f"{fact.reader.name} read your message"
    else:
        data["readCount"] = fact.read_count
        text = "Your message was read"
    return _Told("message.read", _place(fact.group), text, data, None)


def _invited(fact: groups.GroupCreated | groups.MemberAdded) -> _Told:
    by = fact.actor
    data = {"invitedBy": by.user_id, "inviterName": by.name, "groupType": fact.group.type}
    if fact.group.type == "dm":
        return _Told("group.invite", by.name, f"{by.name} wants to chat with you", data, by.user_id)
    text = f"{by.name} added you to {fact.group.name}"
    return _Told("group.invite", _place(fact.group), text, data, by.user_id)


def _member_removed(fact: groups.MemberRemoved) -> _Told:
    gone, by = fact.removed, fact.actor
    data = {"userId": gone.user_id, "userName": gone.name, "removedBy": by.user_id}
    text = f"{by.name} removed {gone.name} from {_place(fact.group)}"
    return _Told("group.member_removed", _place(fact.group), text, data, by.user_id)


def _member_left(fact: groups.MemberLeft) -> _Told:
    gone = fact.actor
    data = {"userId": gone.user_id, "userName": gone.name}
    text = f"{gone.name} left {_place(fact.group)}"
    return _Told("group.member_left", _place(fact.group), text, data, gone.user_id)


def _role_changed(fact: groups.MemberRoleChanged) -> _Told:
    member, by = fact.member, fact.actor
    data = {"userId": member.user_id, "role": fact.role, "changedBy": by.user_id}
    if fact.created_by is not None:
        data["createdBy"] = fact.created_by
        text = f"{by.name} handed {_place(fact.group)} over to {member.name}"
    else:
        standing = "an admin" if fact.role == "admin" else "a member"
        text = f"{by.name} made {member.name} {standing} of {_place(fact.group)}"
    return _Told("group.role_updated", _place(fact.group), text, data, by.user_id)


def _group_updated(fact: groups.GroupUpdated) -> _Told:
    data = {"changes": fact.changes, "updatedBy": fact.actor.user_id}
    text = f"{fact.actor.name} changed {', '.join(fact.changes)}"
    return _Told("group.updated", _place(fact.group), text, data, fact.actor.user_id)


def _group_deleted(fact: groups.GroupDeleted) -> _Told:
    text = f"{fact.actor.name} deleted {_place(fact.group)}"
    data = {"deletedBy": fact.actor.user_id}
    return _Told("group.deleted", _place(fact.group), text, data, fact.actor.user_id)


_TRANSLATIONS: Mapping[type[Fact], Callable[[Any], _Told]] = {
    chat.MessageSent: _message_sent,
    chat.MessageDeleted: _message_deleted,
    chat.MessageDelivered: _message_delivered,
    chat.MessageRead: _message_read,
    groups.GroupCreated: _invited,
    groups.MemberAdded: _invited,
    groups.MemberRemoved: _member_removed,
    groups.MemberLeft: _member_left,
    groups.MemberRoleChanged: _role_changed,
    groups.GroupUpdated: _group_updated,
    groups.GroupDeleted: _group_deleted,
}


def translate(event: Event) -> Notice | None:
    """The notice that `event` gives rise to, or None when it tells nobody anything."""
    fact = event.fact
    translation = _TRANSLATIONS.get(type(fact))
    if translation is None or not isinstance(fact, GroupFact) or not fact.audience:
        return None
    group, told = fact.group, translation(fact)
    data = {"groupId": group.id, "groupName": group.name, **told.data}
    return Notice(
        event_id=event.id,
        type=told.type,
        title=_storable(told.title, MAX_TITLE),
        message=_storable(told.message, MAX_MESSAGE),
        data=to_json(data),
        created_at=event.time,
        # Each once, in a stable order: an audience that repeats someone must not tell them twice.
        audience=tuple(dict.fromkeys(fact.audience)),
        actor_id=told.actor_id,
        group_id=group.id,
        message_id=told.message_id,
        position=told.position,
        traceparent=event.traceparent,
    )


def _storable(text: str, length: int) -> str:
    """PostgreSQL's text holds no NUL; other producers may send one."""
    return text.replace("\0", "")[:length]

"""Facts and their parts, valid by default: a test names only what it is about."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.events import chat, groups
from shared.events.chat import Message, MessageType, UpTo
from shared.events.fact import GroupRef, GroupType, Person, Role
from shared.events.groups import GroupSettings, GroupState, Member
from shared.ids import uuid7

A_MOMENT = datetime(2026, 11, 23, 23, 40, 1, 123000, tzinfo=UTC)


def a_person(user_id: str = "alice", name: str | None = None) -> Person:
    """Named after the id, unless told otherwise: `alice` is Alice."""
    return Person(user_id=user_id, name=name or user_id.capitalize())


def a_member(user_id: str = "alice", role: Role = "member") -> Member:
    return Member(user_id=user_id, name=user_id.capitalize(), role=role, joined_at=A_MOMENT)


def a_group(
    group_id: UUID | None = None, name: str | None = "Climbing", type_: GroupType = "group"
) -> GroupRef:
    return GroupRef(id=group_id or uuid7(), type=type_, name=name)


def a_dm() -> GroupRef:
    return a_group(name=None, type_="dm")


def a_group_state(group: GroupRef | None = None, version: int = 1, **fields: Any) -> GroupState:
    """The whole state of `group`; `fields` replace what is in it."""
    group = group or a_group()
    made: dict[str, Any] = {
        "id": group.id,
        "type": group.type,
        "name": group.name,
        "description": "",
        "avatar": None,
        "created_by": "alice",
        "settings": GroupSettings(),
        "version": version,
        "created_at": A_MOMENT,
        "updated_at": A_MOMENT,
        **fields,
    }
    return GroupState(**made)


def a_message(
    seq: int = 1, content: str = "Hello", type_: MessageType = "text", **fields: Any
) -> Message:
    made: dict[str, Any] = {
        "id": uuid7(),
        "seq": seq,
        "type": type_,
        "content": content,
        "metadata": None,
        "client_message_id": None,
        "created_at": A_MOMENT,
        **fields,
    }
    return Message(**made)


def a_message_sent(
    group: GroupRef | None = None,
    seq: int = 1,
    content: str = "Hello",
    sender: str = "alice",
    to: Sequence[str] = ("bob",),
    message: Message | None = None,
) -> chat.MessageSent:
    return chat.MessageSent(
        group=group or a_group(),
        audience=tuple(to),
        actor=a_person(sender),
        message=message or a_message(seq, content),
    )


def a_message_deleted(
    sent: chat.MessageSent | None = None, by: str = "alice", to: Sequence[str] = ("alice", "bob")
) -> chat.MessageDeleted:
    """The deletion of the message of `sent`."""
    sent = sent or a_message_sent()
    return chat.MessageDeleted(
        group=sent.group,
        audience=tuple(to),
        actor=a_person(by),
        message_id=sent.message.id,
        seq=sent.message.seq,
        sender_id=sent.actor.user_id,
    )


def a_message_delivered(
    group: GroupRef | None = None, to: Sequence[str] = ("bob",), sender: str = "alice", seq: int = 1
) -> chat.MessageDelivered:
    """An individual receipt: `to` have everything up to `seq`."""
    return chat.MessageDelivered(
        group=group or a_group(),
        audience=(sender,),
        sender_id=sender,
        message_ids=(uuid7(),),
        up_to_seq=seq,
        total=len(to),
        delivered_to=tuple(to),
        receipts=tuple(UpTo(user_id=user_id, up_to_seq=seq) for user_id in to),
    )


def a_message_read(
    group: GroupRef | None = None, reader: str = "bob", sender: str = "alice", seq: int = 1
) -> chat.MessageRead:
    """An individual receipt: `reader` has read everything up to `seq`."""
    return chat.MessageRead(
        group=group or a_group(),
        audience=(sender,),
        sender_id=sender,
        message_ids=(uuid7(),),
        up_to_seq=seq,
        total=1,
        reader=a_person(reader),
    )


def a_group_created(
    group: GroupRef | None = None, by: str = "alice", invited: Sequence[str] = ("bob",)
) -> groups.GroupCreated:
    return groups.GroupCreated(
        group=a_group_state(group),
        audience=tuple(invited),
        actor=a_person(by),
        members=(a_member(by, "admin"), *(a_member(user_id) for user_id in invited)),
    )


def a_group_updated(
    group: GroupRef | None = None,
    changes: Sequence[str] = ("name",),
    by: str = "alice",
    to: Sequence[str] = ("alice", "bob"),
) -> groups.GroupUpdated:
    return groups.GroupUpdated(
        group=a_group_state(group, version=2),
        audience=tuple(to),
        actor=a_person(by),
        changes=tuple(changes),
    )


def a_group_deleted(
    group: GroupRef | None = None, by: str = "alice", to: Sequence[str] = ("alice", "bob")
) -> groups.GroupDeleted:
    return groups.GroupDeleted(
        group=a_group_state(group, version=2), audience=tuple(to), actor=a_person(by)
    )


def a_member_added(
    group: GroupRef | None = None, by: str = "alice", added: Sequence[str] = ("carol",)
) -> groups.MemberAdded:
    return groups.MemberAdded(
        group=a_group_state(group, version=2),
        audience=tuple(added),
        actor=a_person(by),
        added=tuple(a_person(user_id) for user_id in added),
        members=(a_member(by, "admin"), *(a_member(user_id) for user_id in added)),
    )


def a_member_removed(
    group: GroupRef | None = None,
    removed: str = "bob",
    by: str = "alice",
    to: Sequence[str] = ("alice", "bob"),
) -> groups.MemberRemoved:
    return groups.MemberRemoved(
        group=a_group_state(group, version=3),
        audience=tuple(to),
        actor=a_person(by),
        removed=a_person(removed),
        members=(a_member(by, "admin"),),
    )


def a_member_left(
    group: GroupRef | None = None, who: str = "bob", to: Sequence[str] = ("alice", "bob")
) -> groups.MemberLeft:
    return groups.MemberLeft(
        group=a_group_state(group, version=3),
        audience=tuple(to),
        actor=a_person(who),
        members=(a_member("alice", "admin"),),
    )


def a_role_changed(
    group: GroupRef | None = None,
    member: str = "bob",
    role: Role = "admin",
    by: str = "alice",
    created_by: str | None = None,
    to: Sequence[str] = ("bob",),
) -> groups.MemberRoleChanged:
    return groups.MemberRoleChanged(
        group=a_group_state(group, version=2),
        audience=tuple(to),
        actor=a_person(by),
        member=a_person(member),
        role=role,
        created_by=created_by,
        members=(a_member(by, "admin"), a_member(member, role)),
    )

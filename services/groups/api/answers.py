"""Groups and members as the API shows them."""

from pydantic import with_config
from typing_extensions import TypedDict

from services.groups.domain.circles import GroupView
from services.groups.domain.circles import Member as MemberOfCircle
from shared.web.json import timestamp
from shared.web.shapes import Group, Role, Timestamp, UserId, documented


@with_config(
    documented(
        examples=[
            {
                "userId": "bob",
                "name": "Bob",
                "role": "member",
                "joinedAt": "2026-11-23T23:40:01.123Z",
            }
        ]
    )
)
class Member(TypedDict):
    """Somebody in a group."""

    userId: UserId
    name: str
    """The display name last known, else the user id."""
    role: Role
    joinedAt: Timestamp


@with_config(documented())
class Added(TypedDict):
    """Who joined."""

    group: Group
    added: list[UserId]
    skipped: list[UserId]
    """Those who were in already."""


def group_json(view: GroupView) -> Group:
    group = view.group
    return {
        "id": group.id,
        "type": group.type,
        "name": view.name,
        "description": group.description,
        "avatar": group.avatar,
        "createdBy": group.created_by,
        "settings": {
            "onlyAdminsCanMessage": group.settings.only_admins_can_message,
            "onlyAdminsCanEditInfo": group.settings.only_admins_can_edit_info,
            "maxMembers": group.settings.max_members,
        },
        "memberCount": view.member_count,
        "role": view.role,
        "receipts": view.receipts,
        "createdAt": timestamp(group.created_at),
        "updatedAt": timestamp(group.updated_at),
    }


def member_json(member: MemberOfCircle) -> Member:
    return {
        "userId": member.user_id,
        "name": member.name,
        "role": member.role,
        "joinedAt": timestamp(member.joined_at),
    }

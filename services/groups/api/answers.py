"""Groups and members as the API shows them."""

from services.groups.domain.circles import GroupView, Member
from shared.web.json import timestamp


def group_json(view: GroupView) -> dict[str, object]:
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


def member_json(member: Member) -> dict[str, object]:
    return {
        "userId": member.user_id,
        "name": member.name,
        "role": member.role,
        "joinedAt": timestamp(member.joined_at),
    }

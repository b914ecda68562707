"""Rows as the domain's values."""

import asyncpg

from services.groups.domain.circles import GroupView, Member
from services.groups.domain.groups import Group, GroupSettings


def group_of(row: asyncpg.Record) -> Group:
    settings = GroupSettings(
        row["only_admins_can_message"], row["only_admins_can_edit_info"], row["max_members"]
    )
    return Group(
        id=row["id"],
        type=row["type"],
        name=row["name"],
        description=row["description"],
        avatar=row["avatar"],
        created_by=row["created_by"],
        settings=settings,
        version=row["version"],
        is_deleted=row["is_deleted"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def member_of(row: asyncpg.Record) -> Member:
    return Member(row["user_id"], row["shown_name"], row["role"], row["joined_at"])


def view_of(row: asyncpg.Record) -> GroupView:
    return GroupView(group_of(row), row["shown_name"], row["role"], row["member_count"])

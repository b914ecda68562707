"""A group together with its members, and the rules about who may do what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.groups.domain.groups import MAX_MEMBERS, Edit, Group, GroupSettings
from services.groups.errors import (
    CreatorMustTransfer,
    CreatorProtected,
    DmImmutable,
    GroupFull,
    GroupNotFound,
    MaxMembersBelowSize,
    MemberNotFound,
    NotAMember,
    NotAnAdmin,
    NotTheCreator,
)

Role = Literal["admin", "member"]

# What a dm is called whose other member was erased.
NOBODY = "Deleted account"
# Beyond this size receipts name nobody.
INDIVIDUAL_RECEIPTS = 100


@dataclass(frozen=True, slots=True)
class Member:
    """`name` is the display name last known, else the user id."""

    user_id: str
    name: str
    role: Role
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as one of its members sees it: a dm bears the other's name."""

    group: Group
    name: str
    role: Role
    member_count: int

    @property
    def receipts(self) -> Literal["individual", "aggregate"]:
        return "individual" if self.member_count <= INDIVIDUAL_RECEIPTS else "aggregate"


@dataclass(frozen=True, slots=True)
class Circle:
    """A group with all its members, by user id, in the order they joined."""

    group: Group
    members: dict[str, Member]

    @classmethod
    def of(cls, group: Group, members: Iterable[Member]) -> "Circle":
        ordered = sorted(members, key=lambda member: (member.joined_at, member.user_id))
        return cls(group, {member.user_id: member for member in ordered})

    def joined_by(self, newcomers: Iterable[Member]) -> "Circle":
        return Circle.of(self.group, (*self.members.values(), *newcomers))

    def without(self, user_id: str) -> "Circle":
        return Circle.of(self.group, (m for m in self.members.values() if m.user_id != user_id))

    def with_role(self, user_id: str, role: Role) -> "Circle":
        changed = replace(self.member(user_id), role=role)
        return replace(self, members={**self.members, user_id: changed})

    def member(self, user_id: str) -> Member:
        """Raises MemberNotFound."""
        if user_id not in self.members:
            raise MemberNotFound
        return self.members[user_id]

    def seen_by(self, user_id: str) -> GroupView:
        companions = (m.name for m in self.members.values() if m.user_id != user_id)
        name = self.group.name if self.group.name is not None else next(companions, NOBODY)
        return GroupView(self.group, name, self.member(user_id).role, len(self.members))

    # Who may do what. Each raises GroupNotFound for a stranger and DmImmutable in a dm.

    def ensure_changeable(self, actor: str) -> None:
        if actor not in self.members:
            raise GroupNotFound
        if self.group.type == "dm":
            raise DmImmutable

    def ensure_admin(self, actor: str) -> None:
        """Raises NotAnAdmin."""
        self.ensure_changeable(actor)
        if self.members[actor].role != "admin":
            raise NotAnAdmin

    def ensure_creator(self, actor: str) -> None:
        """Raises NotTheCreator."""
        self.ensure_changeable(actor)
        if actor != self.group.created_by:
            raise NotTheCreator

    def ensure_may_edit(self, actor: str, edit: Edit) -> None:
        """Raises NotAnAdmin, or MaxMembersBelowSize."""
        self.ensure_changeable(actor)
        if "settings" in edit or self.group.settings.only_admins_can_edit_info:
            self.ensure_admin(actor)
        if edit.get("settings", {}).get("max_members", MAX_MEMBERS) < len(self.members):
            raise MaxMembersBelowSize(len(self.members))

    def ensure_may_leave(self, actor: str) -> None:
        """Raises CreatorMustTransfer."""
        self.ensure_changeable(actor)
        if actor == self.group.created_by:
            raise CreatorMustTransfer

    def ensure_may_manage(self, actor: str, user_id: str) -> None:
        """Removing someone and changing someone's role. Raises NotAnAdmin, MemberNotFound or
        CreatorProtected."""
        self.ensure_admin(actor)
        if self.member(user_id).user_id == self.group.created_by:
            raise CreatorProtected

    def ensure_may_transfer(self, actor: str, user_id: str) -> None:
        """Raises NotTheCreator or NotAMember."""
        self.ensure_creator(actor)
        if user_id not in self.members:
            raise NotAMember

    def ensure_room_for(self, newcomers: int) -> None:
        """Raises GroupFull."""
        ensure_fits(len(self.members) + newcomers, self.group.settings)


def ensure_fits(size: int, settings: GroupSettings) -> None:
    """Raises GroupFull when `size` members are more than the settings allow."""
    if size > settings.max_members:
        raise GroupFull(size, settings.max_members)


def others(user_ids: Sequence[str], oneself: str) -> list[str]:
    """`user_ids` without repeats and without oneself, in their order."""
    return [user_id for user_id in dict.fromkeys(user_ids) if user_id != oneself]

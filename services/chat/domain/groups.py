"""Chat's copy of a group, and chat's own counters of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from shared.events.fact import GroupRef, GroupType, Role
from shared.events.groups import GroupState, Member

# Beyond this size receipts name nobody.
INDIVIDUAL_RECEIPTS = 100


@dataclass(slots=True)
class Group:
    """The copy of a group, locked while it is changed. `version` is that of the newest fact that
    set its state, `members_version` that up to which the memberships are known; 0: none yet."""

    id: UUID
    type: GroupType
    name: str | None
    description: str
    avatar: str | None
    created_by: str
    only_admins_can_message: bool
    only_admins_can_edit_info: bool
    max_members: int
    created_at: datetime
    updated_at: datetime
    last_activity_at: datetime
    version: int = 0
    members_version: int = 0
    is_deleted: bool = False
    member_count: int = 0
    last_seq: int = 0
    last_ordinal: int = 0
    last_message_id: UUID | None = None
    # Up to here messages are gone, because they were older than what is kept.
    floor_seq: int = 0
    floor_ordinal: int = 0

    @classmethod
    def unknown(cls, state: GroupState) -> Self:
        """A copy that has heard of the group and applied nothing yet."""
        return cls(
            id=state.id,
            type=state.type,
            name=state.name,
            description=state.description,
            avatar=state.avatar,
            created_by=state.created_by,
            only_admins_can_message=state.settings.only_admins_can_message,
            only_admins_can_edit_info=state.settings.only_admins_can_edit_info,
            max_members=state.settings.max_members,
            created_at=state.created_at,
            updated_at=state.updated_at,
            last_activity_at=state.created_at,
        )

    @property
    def ref(self) -> GroupRef:
        return GroupRef(id=self.id, type=self.type, name=self.name)

    @property
    def receipts(self) -> Literal["individual", "aggregate"]:
        return "individual" if self.member_count <= INDIVIDUAL_RECEIPTS else "aggregate"

    def take_state(self, state: GroupState, *, is_deleted: bool) -> None:
        """Become what `state` says, unless it is older than what is known. A deleted group stays
        deleted."""
        if state.version < self.version:
            return
        self.name = state.name
        self.description = state.description
        self.avatar = state.avatar
        self.created_by = state.created_by
        self.only_admins_can_message = state.settings.only_admins_can_message
        self.only_admins_can_edit_info = state.settings.only_admins_can_edit_info
        self.max_members = state.settings.max_members
        self.updated_at = state.updated_at
        self.version = state.version
        self.is_deleted = self.is_deleted or is_deleted

    def takes_members(self, version: int, members: Sequence[Member] | None) -> bool:
        """Whether a fact of this `version` says who is in; notes up to where that is known now.

        A fact without members that follows directly on what is known leaves nobody out; after a
        gap it may, and the memberships stay marked as older.
        """
        if members is None:
            if version == self.members_version + 1:
                self.members_version = version
            return False
        if version < self.members_version:
            return False
        self.members_version = version
        return True


@dataclass(frozen=True, slots=True)
class Membership:
    """A present member; `name` is the display name last known, if any."""

    role: Role
    name: str | None

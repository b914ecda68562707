"""Facts of the groups service. Owner: the groups team."""

from typing import ClassVar

from pydantic import AwareDatetime, Field, JsonValue

from shared.events.fact import Erasure, GroupFact, GroupRef, Person, Role, UserId, Wire


class GroupSettings(Wire):
    only_admins_can_message: bool = False
    only_admins_can_edit_info: bool = True
    max_members: int = Field(default=256, ge=2, le=1024)


class GroupState(GroupRef):
    """The whole group as it is after the fact. `version` counts the changes of one group, from 1:
    a reader drops what is older than what it has."""

    description: str
    avatar: str | None
    created_by: UserId
    settings: GroupSettings
    version: int = Field(ge=1)
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Member(Person):
    role: Role
    joined_at: AwareDatetime


class GroupCreated(GroupFact):
    """A group or dm exists. `members` includes the creator; the audience does not."""

    TYPE: ClassVar[str] = "groups.group.created.v1"
    group: GroupState
    actor: Person
    members: tuple[Member, ...]


class GroupUpdated(GroupFact):
    """Name, description, avatar or settings changed: `changes` names the fields."""

    TYPE: ClassVar[str] = "groups.group.updated.v1"
    group: GroupState
    actor: Person
    changes: tuple[str, ...]


class GroupDeleted(GroupFact):
    """The creator deleted the group; the audience is everyone who was a member."""

    TYPE: ClassVar[str] = "groups.group.deleted.v1"
    group: GroupState
    actor: Person


class MemberAdded(GroupFact):
    """People joined; the audience is the people added. `members` is the group after it."""

    TYPE: ClassVar[str] = "groups.member.added.v1"
    group: GroupState
    actor: Person
    added: tuple[Person, ...]
    members: tuple[Member, ...]


class MemberRemoved(GroupFact):
    """An admin removed someone; the audience is the one removed and those who remain."""

    TYPE: ClassVar[str] = "groups.member.removed.v1"
    group: GroupState
    actor: Person
    removed: Person
    members: tuple[Member, ...]


class MemberLeft(GroupFact):
    """`actor` left; the audience is the one who left and those who remain."""

    TYPE: ClassVar[str] = "groups.member.left.v1"
    group: GroupState
    actor: Person
    members: tuple[Member, ...]


class MemberRoleChanged(GroupFact):
    """A role changed, or the group was handed over; the audience is those whose role or standing
    changed. `created_by` is the new creator after a transfer, else None."""

    TYPE: ClassVar[str] = "groups.member.role_changed.v1"
    group: GroupState
    actor: Person
    member: Person
    role: Role
    created_by: UserId | None = None
    members: tuple[Member, ...]


class PersonErasedFromGroups(Erasure):
    """Nothing of the person is left in groups: they have left every group, under a pseudonym. Who
    holds anything of theirs erases it now."""

    TYPE: ClassVar[str] = "groups.person.erased.v1"
    user_id: UserId


class GroupSnapshot(Wire):
    """Not a fact: what groups answers another service that does not know a group yet.

    `facts` are the envelopes (CloudEvents JSON objects) of the group's changes after the version
    asked for, oldest first, as far as the outbox still holds them: applying them in order leaves
    the same traces as having received them. `group` and `members` are the present state. A deleted
    group has no members.
    """

    group: GroupState
    is_deleted: bool
    members: tuple[Member, ...]
    facts: tuple[dict[str, JsonValue], ...]

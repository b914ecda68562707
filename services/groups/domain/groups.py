"""Groups as they are stored, drafted and edited."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

GroupType = Literal["group", "dm"]

MAX_MEMBERS = 1024


@dataclass(frozen=True, slots=True)
class GroupSettings:
    only_admins_can_message: bool = False
    only_admins_can_edit_info: bool = True
    max_members: int = 256


# A dm is full from the start.
DM_SETTINGS = GroupSettings(max_members=2)


class SettingsEdit(TypedDict, total=False):
    """The settings to change; those left out stay."""

    only_admins_can_message: bool
    only_admins_can_edit_info: bool
    max_members: int


class Edit(TypedDict, total=False):
    """The fields to change; those left out stay."""

    name: str
    description: str
    avatar: str | None
    settings: SettingsEdit


@dataclass(frozen=True, slots=True)
class Draft:
    """A group about to be created."""

    name: str
    description: str = ""
    avatar: str | None = None
    settings: GroupSettings = field(default_factory=GroupSettings)


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it is stored. `version` counts its changes from 1; a dm has no name."""

    id: UUID
    type: GroupType
    name: str | None
    description: str
    avatar: str | None
    created_by: str
    settings: GroupSettings
    version: int
    is_deleted: bool
    created_at: datetime
    updated_at: datetime

    def edited(self, edit: Edit) -> "Group":
        """The group with `edit` made; settings are merged field by field."""
        settings = replace(self.settings, **edit.get("settings", {}))
        fields = {name: value for name, value in edit.items() if name != "settings"}
        return replace(self, **fields, settings=settings)  # type: ignore[arg-type]

    def changes_since(self, before: "Group") -> tuple[str, ...]:
        """The names of the fields that differ."""
        fields = ("name", "description", "avatar", "settings")
        return tuple(name for name in fields if getattr(self, name) != getattr(before, name))


def dm_key(one: str, other: str) -> str:
    """The same for both: what makes a second dm of two people impossible."""
    return ",".join(sorted((one, other)))

"""What may be sent. Fields that a PATCH leaves out are known by `model_fields_set`: their defaults
are never used, and null is refused where a value can't be null."""

from typing import Annotated, cast

from pydantic import AfterValidator, Field, model_validator

from services.groups.domain import values
from services.groups.domain.circles import Role
from services.groups.domain.groups import MAX_MEMBERS, Draft, Edit, GroupSettings
from shared.web.bodies import RequestBody
from shared.web.identity import USER_ID

MAX_IDS = 1024


def _user_id(text: str) -> str:
    if not USER_ID.fullmatch(text):
        raise ValueError("must be a user id: 1 to 128 visible ASCII characters, without commas")
    return text


UserId = Annotated[str, AfterValidator(_user_id)]
UserIds = Annotated[list[UserId], Field(max_length=MAX_IDS)]
Name = Annotated[str, AfterValidator(values.group_name)]
Description = Annotated[str, AfterValidator(values.description)]
Avatar = Annotated[str, AfterValidator(values.avatar)]


class SettingsBody(RequestBody):
    only_admins_can_message: bool = False
    only_admins_can_edit_info: bool = True
    max_members: int = Field(default=256, ge=2, le=MAX_MEMBERS)


class NewGroupBody(RequestBody):
    name: Name
    description: Description = ""
    avatar: Avatar | None = None
    member_ids: UserIds = Field(default_factory=list)
    settings: SettingsBody = SettingsBody()

    def draft(self) -> Draft:
        settings = GroupSettings(**self.settings.model_dump())
        return Draft(self.name, self.description, self.avatar, settings)


class EditBody(RequestBody):
    name: Name = ""
    description: Description = ""
    avatar: Avatar | None = None
    settings: SettingsBody = SettingsBody()

    @model_validator(mode="after")
    def _changes_something(self) -> "EditBody":
        if not self.edit() or not self.edit().get("settings", {"unchanged": None}):
            raise ValueError("name at least one field to change")
        return self

    def edit(self) -> Edit:
        return cast(Edit, self.model_dump(exclude_unset=True))


class NewMembersBody(RequestBody):
    member_ids: Annotated[UserIds, Field(min_length=1)]


class DmBody(RequestBody):
    recipient_id: UserId


class TransferBody(RequestBody):
    user_id: UserId


class RoleBody(RequestBody):
    role: Role

"""What may be sent; null is refused where a value can't be null."""

from typing import Annotated, Any, cast

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, model_validator

from services.groups.domain import values
from services.groups.domain.circles import Role
from services.groups.domain.groups import MAX_MEMBERS, Draft, Edit, GroupSettings
from shared.web.bodies import ChangeBody, RequestBody, WholeNumber, of_changes
from shared.web.identity import USER_ID

MAX_IDS = 1024


def _user_id(text: str) -> str:
    if not USER_ID.fullmatch(text):
        raise ValueError("must be a user id: 1 to 128 visible ASCII characters, without commas")
    return text


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


def _of_edits(schema: dict[str, Any]) -> None:
    of_changes(schema)
    schema["examples"] = [{"name": "Lunch at one", "settings": {"onlyAdminsCanMessage": True}}]


UserId = Annotated[
    str,
    AfterValidator(_user_id),
    WithJsonSchema({"type": "string", "pattern": f"^{USER_ID.pattern}$"}),
]
UserIds = Annotated[
    list[UserId],
    Field(max_length=MAX_IDS, description="Repeats and the caller's own id are ignored."),
]
Name = Annotated[
    str,
    AfterValidator(values.group_name),
    # The rule in full is the format's; a length counts after trimming.
    WithJsonSchema(
        {
            "type": "string",
            "format": "group-name",
            "minLength": 1,
            "description": f"1 to {values.MAX_NAME} characters after trimming, without control "
            "characters, at least one of them visible.",
        }
    ),
]
Description = Annotated[
    str,
    AfterValidator(values.description),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": values.MAX_DESCRIPTION,
            "pattern": r"^[^\u0000]*$",
        }
    ),
]
Avatar = Annotated[
    str,
    AfterValidator(values.avatar),
    WithJsonSchema(
        {
            "type": "string",
            "format": "http-url",
            "maxLength": values.MAX_AVATAR,
            "description": "The http or https address of a picture.",
        }
    ),
]


class SettingsBody(RequestBody):
    """What members may do."""

    only_admins_can_message: bool = False
    only_admins_can_edit_info: bool = True
    max_members: WholeNumber = Field(default=256, ge=2, le=MAX_MEMBERS)


class SettingsChangeBody(SettingsBody, ChangeBody):
    """The settings to change."""


class NewGroupBody(RequestBody):
    """A group to make."""

    model_config = _example(name="Lunch", memberIds=["bob", "carol"])

    name: Name
    description: Description = ""
    avatar: Avatar | None = None
    member_ids: UserIds = Field(default_factory=list)
    settings: SettingsBody = SettingsBody()

    def draft(self) -> Draft:
        settings = GroupSettings(**self.settings.model_dump())
        return Draft(self.name, self.description, self.avatar, settings)


class EditBody(ChangeBody):
    """What to change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra=_of_edits)

    name: Name = ""
    description: Description = ""
    avatar: Avatar | None = None
    settings: SettingsChangeBody = SettingsChangeBody()

    @model_validator(mode="after")
    def _changes_something(self) -> "EditBody":
        if not self.edit() or not self.edit().get("settings", {"unchanged": None}):
            raise ValueError("name at least one field to change")
        return self

    def edit(self) -> Edit:
        return cast(Edit, self.model_dump(exclude_unset=True))


class NewMembersBody(RequestBody):
    """Who is to be in."""

    model_config = _example(memberIds=["dave"])

    member_ids: Annotated[UserIds, Field(min_length=1)]


class DmBody(RequestBody):
    """With whom."""

    model_config = _example(recipientId="bob")

    recipient_id: UserId


class TransferBody(RequestBody):
    """To whom."""

    model_config = _example(userId="bob")

    user_id: UserId


class RoleBody(RequestBody):
    """Which role."""

    model_config = _example(role="admin")

    role: Role

"""Shapes of answers that more than one service gives. Doors answer with dictionaries of these
types, so that mypy checks what is served against what the contract says."""

from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

Timestamp = Annotated[
    str,
    Field(
        description="RFC 3339, in UTC with milliseconds.",
        json_schema_extra={"format": "date-time", "examples": ["2026-11-23T23:40:01.123Z"]},
    ),
]
Id = Annotated[UUID, Field(examples=["019aa63f-6b2e-7c41-9a0e-3f1d5b8c7a90"])]
UserId = Annotated[str, Field(pattern=r"^[!-+\--~]{1,128}$", examples=["alice"])]
Count = Annotated[int, Field(ge=0)]
Role = Literal["admin", "member"]


def documented(**extra: Any) -> ConfigDict:
    """The configuration of a shape: its fields' docstrings are their descriptions, and `extra`
    goes into its schema as it stands."""
    return ConfigDict(use_attribute_docstrings=True, json_schema_extra=extra)


@with_config(documented())
class Pagination(TypedDict):
    """Where a page stands."""

    page: Annotated[int, Field(ge=1, examples=[1])]
    limit: Annotated[int, Field(ge=1, le=100, examples=[20])]
    total: Annotated[Count, Field(examples=[1])]
    """How many things there are on all pages."""
    pages: Annotated[Count, Field(examples=[1])]


@with_config(documented())
class Said(TypedDict):
    """That it is done; there is no resource to give."""

    message: Annotated[str, Field(examples=["The group is deleted."])]
    """For people."""


@with_config(documented())
class BadField(TypedDict):
    """One bad value."""

    field: Annotated[str, Field(examples=["settings.maxMembers"])]
    """Its path in the body, or the name of the query parameter."""
    message: Annotated[str, Field(examples=["must be at least 2"])]


@with_config(
    documented(
        examples=[
            {
                "type": "about:blank",
                "title": "Not found",
                "status": 404,
                "detail": "There is no such group, or you are not in it.",
                "code": "group_not_found",
            }
        ]
    )
)
class Problem(TypedDict):
    """Why a request was refused (RFC 9457)."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    """For people: what was wrong, and what to do."""
    code: Annotated[str, Field(pattern="^[a-z_]+$")]
    """For programs: it stays as it is."""
    errors: NotRequired[list[BadField]]
    """Every bad value at once."""


@with_config(documented())
class GroupSettings(TypedDict):
    """What members may do in a group."""

    onlyAdminsCanMessage: bool
    onlyAdminsCanEditInfo: bool
    maxMembers: Annotated[int, Field(ge=2, le=1024)]


@with_config(
    documented(
        examples=[
            {
                "id": "019aa63f-6b2e-7c41-9a0e-3f1d5b8c7a90",
                "type": "group",
                "name": "Lunch",
                "description": "",
                "avatar": None,
                "createdBy": "alice",
                "settings": {
                    "onlyAdminsCanMessage": False,
                    "onlyAdminsCanEditInfo": True,
                    "maxMembers": 256,
                },
                "memberCount": 2,
                "role": "admin",
                "receipts": "individual",
                "createdAt": "2026-11-23T23:40:01.123Z",
                "updatedAt": "2026-11-23T23:40:01.123Z",
            }
        ]
    )
)
class Group(TypedDict):
    """A group, as the caller sees it."""

    id: Id
    type: Literal["group", "dm"]
    """A dm has two members, and neither creator nor admins."""
    name: str
    """In a dm, the other's display name."""
    description: str
    avatar: str | None
    """The address of a picture."""
    createdBy: UserId
    settings: GroupSettings
    memberCount: Count
    role: Role
    """The caller's own."""
    receipts: Literal["individual", "aggregate"]
    """Whether pushed receipts name people (up to 100 members) or count them."""
    createdAt: Timestamp
    updatedAt: Timestamp

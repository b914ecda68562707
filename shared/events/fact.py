"""What all facts share: strictness, wire names, who acted, and the audience."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

# The most people one fact can tell; a group never has more members.
MAX_AUDIENCE = 1024

UserId = Annotated[str, Field(min_length=1, max_length=128)]
Audience = Annotated[tuple[UserId, ...], Field(max_length=MAX_AUDIENCE)]
Role = Literal["admin", "member"]
GroupType = Literal["group", "dm"]


class Wire(BaseModel):
    """A value inside a fact: camelCase on the wire; fields a reader does not know are ignored,
    so that producers may deploy first."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )


class Person(Wire):
    """A user and the display name last known when the fact was recorded."""

    user_id: UserId
    name: str


class GroupRef(Wire):
    """The group a fact is about; a dm has no name of its own."""

    id: UUID
    type: GroupType
    name: str | None


class Fact(Wire):
    """Something that happened. `TYPE` is its published name, `{service}.{subject}.{what}.v{major}`,
    and also its routing key."""

    TYPE: ClassVar[str]

    @property
    def subject(self) -> UUID | None:
        """The group's id: facts with the same subject are published in the order of commits."""
        return None


class GroupFact(Fact):
    """A fact about one group. `audience` names those to tell, so that a replay reaches the people
    whom the fact reached when it happened."""

    group: GroupRef
    audience: Audience

    @property
    def subject(self) -> UUID | None:
        return self.group.id


class Erasure(Fact):
    """A person is erased from the tables of one service. `erased` says how much of what; the number
    of the erasure is the same in all services."""

    erasure_id: UUID
    erased: dict[str, int]


__all__ = [
    "MAX_AUDIENCE",
    "Audience",
    "AwareDatetime",
    "Erasure",
    "Fact",
    "GroupFact",
    "GroupRef",
    "GroupType",
    "Person",
    "Role",
    "UserId",
    "Wire",
]

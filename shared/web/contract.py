"""What a door promises, declared where it is: its answers, its parameters, how it refuses.

`shared.web.openapi` makes the document from it, and tests hold real answers against that. The rest
is taken from what serves: addresses from the route table, words from the doors' docstrings, bodies
from the models that read them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from aiohttp import web

from shared.errors import Refusal
from shared.web.bodies import RequestBody
from shared.web.problems import Handler

Schema = Mapping[str, Any]
D = TypeVar("D", bound=Handler)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value outside the body. `schema` is its JSON schema."""

    name: str
    place: Literal["path", "query", "header"]
    schema: Schema
    description: str
    # A list in one value, separated by commas.
    is_list: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Paged:
    """A page of `shape`s under the name `things`."""

    things: str
    shape: Any


@dataclass(frozen=True, slots=True)
class Events:
    """A `text/event-stream`: the shapes of its events' `data`, by the name of the event; `example`
    is what a client may be sent, as it is sent."""

    shapes: Mapping[str, Any]
    description: str
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`refusals` are those of the domain; what every door may answer (400, 401, 429, …) and what
    follows from a body or from parameters (413, 415, 422) is added by itself."""

    answers: Mapping[int, Any]
    body: type[RequestBody] | None
    parameters: Sequence[Parameter]
    refusals: Sequence[type[Refusal]]
    takes_ticket: bool


OPERATIONS: dict[Handler, Operation] = {}


def operation(
    answers: Mapping[int, Any],
    *,
    body: type[RequestBody] | None = None,
    parameters: Sequence[Parameter] = (),
    refusals: Sequence[type[Refusal]] = (),
    takes_ticket: bool = False,
) -> Callable[[D], D]:
    """Declare what a door promises; the door stays as it is. `answers` are the shapes of success,
    by status."""

    def declared(door: D) -> D:
        OPERATIONS[door] = Operation(answers, body, parameters, refusals, takes_ticket)
        return door

    return declared


def operation_of(route: web.AbstractRoute) -> Operation | None:
    """What the door behind `route` promises; None for doors that clients don't use."""
    return OPERATIONS.get(route.handler)


def in_path(name: str, description: str, **schema: object) -> Parameter:
    return Parameter(name, "path", {"type": "string", **schema}, description, required=True)


def in_query(name: str, description: str, **schema: object) -> Parameter:
    return Parameter(name, "query", {"type": "string", **schema}, description)


def number_in_query(
    name: str, description: str, low: int, high: int, default: int | None = None
) -> Parameter:
    schema: dict[str, object] = {"type": "integer", "minimum": low, "maximum": high}
    if default is not None:
        schema["default"] = default
    return Parameter(name, "query", schema, description)

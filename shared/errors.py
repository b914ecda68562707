"""The kinds of refusal that a domain can give. They know nothing of HTTP.

    Refusal
    ├── Invalid       a value breaks a rule             (422 at the door)
    ├── NotFound      missing, or not yours to see      (404)
    ├── Forbidden     seen, but not allowed             (403)
    ├── Conflict      the state of things forbids it    (409)
    └── Unavailable   a dependency is away; try again   (503)

Services derive their own from these and give each a stable `code`; `shared.web.problems` translates
them once, at the door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One bad field: `field` is its path in the input (`settings.maxMembers`), `message` what is
    wrong."""

    field: str
    message: str


class Refusal(Exception):
    """A request that was understood and refused. `detail` speaks to the user."""

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class Invalid(Refusal):
    code = "invalid"


class NotFound(Refusal):
    code = "not_found"


class Forbidden(Refusal):
    code = "forbidden"


class Conflict(Refusal):
    code = "conflict"


class Unavailable(Refusal):
    """`reason` is for the log, where it says more than the code: without anybody's words in it."""

    code = "unavailable"
    reason = ""


def words_of(error: BaseException) -> str:
    """What `error` says, or its kind where it says nothing, as a time-out does. Without the details
    that PostgreSQL adds, which quote rows, and so what people wrote."""
    return str(error).partition("\nDETAIL:")[0] or type(error).__name__

"""What calls raise."""

from collections.abc import Mapping, Sequence
from typing import Any


class CirclesError(Exception):
    """Any failure that this client reports."""


class Unreachable(CirclesError):
    """Nobody answered: the network, a proxy or the service is away. Trying again may help."""


class Problem(CirclesError):
    """The server refused (RFC 9457).

    `code` is stable and for programs, `detail` is for people, `errors` names each bad field:
    `{"field", "message"}`. `retry_after` is in seconds, or None where the server named no time.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Mapping[str, str]] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{detail} ({status} {code})")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.retry_after = retry_after

    @property
    def is_passing(self) -> bool:
        """Whether the same call may succeed later: the server is busy, or a part of it away."""
        return self.status == 429 or self.status >= 500


class TokenRefused(Problem):
    """The token is not accepted, and there is no other to be had. Trying again would not help."""


def problem_of(status: int, body: Any, headers: Mapping[str, str]) -> Problem:
    """The problem in an answer; `body` is its JSON, or anything else where a proxy answered."""
    said: Mapping[str, Any] = body if isinstance(body, dict) and "code" in body else {}
    after = headers.get("Retry-After", "")
    kind = TokenRefused if status == 401 else Problem
    return kind(
        status,
        str(said.get("code", "unexplained")),
        str(said.get("detail", "The answer did not come from Circles: a proxy on the way?")),
        said.get("errors", ()),
        float(after) if after.isdecimal() else None,
    )


def words_of(error: BaseException) -> str:
    """What `error` says, or what kind it is where it says nothing."""
    return str(error) or ("no answer in time" if isinstance(error, TimeoutError) else repr(error))

"""Query parameters and pages: `?page=1&limit=20`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from shared.errors import FieldError, Invalid
from shared.web.contract import number_in_query
from shared.web.identity import USER_ID

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_PAGE = 10**18 - 1
_DIGITS = re.compile(r"[0-9]{1,18}")

PAGE = number_in_query("page", "Which page; one past the end is empty.", 1, MAX_PAGE, 1)
LIMIT = number_in_query("limit", "How many on a page.", 1, MAX_LIMIT, DEFAULT_LIMIT)
PAGING = (PAGE, LIMIT)


@dataclass(frozen=True, slots=True)
class Page:
    """The page asked for, from 1."""

    page: int
    limit: int

    @property
    def offset(self) -> int:
        # Bounded to what a bigint holds; far past any end either way.
        return min((self.page - 1) * self.limit, 2**62)

    def of(self, things: str, items: Sequence[object], total: int) -> dict[str, object]:
        """The answer: `items` under the name `things`, and where they stand."""
        return {
            things: items,
            "pagination": {
                "page": self.page,
                "limit": self.limit,
                "total": total,
                "pages": -(-total // self.limit),
            },
        }


def page_of(request: web.Request) -> Page:
    """The page that the query asks for. Raises Invalid that names both if both are bad."""
    query = Query(request)
    page = query.page()
    query.check()
    return page


class Query:
    """Reads query parameters and gathers what is wrong with them; `check` raises it all at once."""

    def __init__(self, request: web.Request) -> None:
        self._query = request.query
        self._errors: list[FieldError] = []

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`, or `default` when it isn't given."""
        text = self._query.get(name)
        if text is None:
            return default
        if not _DIGITS.fullmatch(text) or not low <= int(text) <= high:
            self._errors.append(FieldError(name, f"must be a whole number from {low} to {high}"))
            return default
        return int(text)

    def optional_integer(self, name: str, low: int, high: int) -> int | None:
        return self.integer(name, low, low, high) if name in self._query else None

    def page(self) -> Page:
        """`page` and `limit`, or the first page when they are not right."""
        page = self.integer("page", 1, 1, MAX_PAGE)
        return Page(page, self.integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT))

    def refuse(self, name: str, message: str) -> None:
        self._errors.append(FieldError(name, message))

    def check(self) -> None:
        """Raises Invalid if any parameter was bad."""
        if self._errors:
            raise Invalid("Some query parameters are not right; see `errors`.", self._errors)


def id_in_path(request: web.Request, name: str) -> UUID | None:
    """The id in the path, or None when it can't be one: the door then says not found."""
    text = request.match_info[name]
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def user_in_path(request: web.Request, name: str) -> str | None:
    """The (already percent-decoded) user id in the path, or None when it can't be one."""
    text = request.match_info[name]
    return text if USER_ID.fullmatch(text) else None

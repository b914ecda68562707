"""Problems: every refusal as RFC 9457 problem+json, translated once, here."""

import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import uuid4

from aiohttp import web
from pydantic_core import to_json

from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal, Unavailable
from shared.logs import get_logger
from shared.web.shapes import Problem

log = get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 2

_STATUS_OF: Mapping[type[Refusal], int] = {
    Invalid: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Unavailable: 503,
}
TITLES: Mapping[int, str] = {
    400: "The request can't be read",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not do that",
    408: "The request took too long",
    409: "Conflict with the present state",
    413: "Too large",
    415: "This content type is not understood",
    422: "Some values are not right",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Temporarily unavailable",
}
_CODES: Mapping[int, str] = {
    400: "unreadable",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "payload_too_large",
    415: "unsupported_media_type",
}
_DETAILS: Mapping[int, str] = {
    404: "Nothing is found at this address.",
    405: "Use one of the methods in the Allow header.",
    413: "Send at most 64 KiB.",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HttpProblem(Exception):
    """A problem that only the door knows: it has a status of its own and perhaps headers."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


def problem(
    status: int,
    code: str,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """A problem+json answer. `code` is stable and for programs, `detail` is for people."""
    body: Problem = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = [{"field": e.field, "message": e.message} for e in errors]
    return web.Response(
        status=status, body=to_json(body), content_type=CONTENT_TYPE, headers=headers or {}
    )


def status_of(refusal: type[Refusal]) -> int:
    """The status with which the door answers this kind of refusal."""
    return next((status for kind, status in _STATUS_OF.items() if issubclass(refusal, kind)), 400)


def refused(refusal: Refusal) -> web.Response:
    """The answer to a refusal of the domain."""
    status = status_of(type(refusal))
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None
    return problem(status, refusal.code, refusal.detail, refusal.errors, headers)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every exception into a problem; what nobody foresaw is logged with an id and answered
    without a word of its inside."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return refused(refusal)
    except HttpProblem as error:
        return problem(error.status, error.code, error.detail, headers=error.headers)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        detail = _DETAILS.get(error.status, error.reason)
        return problem(error.status, _CODES.get(error.status, "refused"), detail, headers=headers)
    except Exception as error:
        transport = request.transport
        if isinstance(error, ConnectionError) and (transport is None or transport.is_closing()):
            # The client left in the middle of an answer: nobody is there to be told.
            raise
        return _unforeseen(error)


def _unforeseen(error: Exception) -> web.Response:
    error_id = str(uuid4())
    # Frames only: the text of an exception may hold a person's message or a statement's values.
    frames = [
        f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)
    ]
    log.error("unforeseen error", error_id=error_id, kind=type(error).__name__, frames=frames[-8:])
    return problem(500, "internal", f"An unforeseen error; tell support the id {error_id}.")

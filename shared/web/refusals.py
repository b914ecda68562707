"""How doors refuse, as responses of an OpenAPI document: every code, by status."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from shared.errors import Invalid
from shared.postgres.pool import DatabaseAway
from shared.web.contract import Operation
from shared.web.keys import KeysUnavailable
from shared.web.limits import POLICY_FIELD, STATE_FIELD
from shared.web.problems import CONTENT_TYPE, TITLES, status_of

Json = dict[str, Any]
# A name, the codes, and the headers.
_Shared = tuple[str, list[str], Json]

_RETRY = {
    "Retry-After": {
        "description": "How long to wait, in seconds.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    }
}
_LEFT = {name: {"$ref": f"#/components/headers/{name}"} for name in (POLICY_FIELD, STATE_FIELD)}
_WHO = {
    "WWW-Authenticate": {
        "description": "How to say who you are.",
        "required": True,
        "schema": {"type": "string"},
    }
}
# What every door may answer, whatever it does.
_COMMON: Mapping[int, _Shared] = {
    400: ("Unreadable", ["unreadable"], {}),
    401: ("Unauthenticated", ["token_missing", "token_invalid", "token_expired"], _WHO),
    429: ("RateLimited", ["rate_limited"], _RETRY | _LEFT),
    500: ("Unforeseen", ["internal"], {}),
    503: ("Away", [DatabaseAway.code, KeysUnavailable.code, "service_unavailable"], _RETRY),
}
# What doors that read a body may answer besides.
_WITH_BODY: Mapping[int, _Shared] = {
    408: ("TooSlow", ["request_timeout"], {}),
    413: ("TooLarge", ["payload_too_large"], {}),
    415: ("NotJson", ["unsupported_media_type"], {}),
}


def headers_of_limits() -> Json:
    """What every answer to a call that counted says of its limit, by name."""
    said = {
        POLICY_FIELD: (
            "The limit that this call counted against: `q` calls at once, and `w` seconds until "
            "as many are possible again.",
            '"calls";q=200;w=2',
        ),
        STATE_FIELD: (
            "What is left of it: `r` calls at once, and all in `t` seconds; or none, and one in "
            "`t` seconds. Each replica counts by itself.",
            '"calls";r=199;t=1',
        ),
    }
    return {
        name: {
            "description": words,
            "required": True,
            "schema": {"type": "string", "examples": [example]},
        }
        for name, (words, example) in said.items()
    }


def told_what_is_left() -> Json:
    """The headers of an answer to a call that counted."""
    return {"headers": dict(_LEFT)}


def responses() -> Json:
    """Those that many doors share, by name."""
    shared = {**_COMMON, **_WITH_BODY}
    return {
        name: _response(status, codes, headers)
        for status, (name, codes, headers) in sorted(shared.items())
    }


def refusals_of(door: Operation) -> Json:
    """All refusals of one door, by status."""
    codes: dict[int, list[str]] = defaultdict(list)
    if door.body is not None or any(each.place == "query" for each in door.parameters):
        codes[422].append(Invalid.code)
    for refusal in door.refusals:
        codes[status_of(refusal)].append(refusal.code)
    if door.takes_ticket:
        codes[401] += ["ticket_invalid", "ticket_expired"]
    shared = {**_COMMON, **(_WITH_BODY if door.body is not None else {})}
    made: Json = {}
    for status in sorted(shared.keys() | codes.keys()):
        name, common, headers = shared.get(status, ("", [], {}))
        if status in codes:
            made[str(status)] = _response(status, [*common, *codes[status]], headers)
        else:
            made[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return made


def _response(status: int, codes: Iterable[str], headers: Json) -> Json:
    code = {"properties": {"status": {"const": status}, "code": {"enum": sorted(set(codes))}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, code]}
    made: Json = {"description": TITLES[status], "content": {CONTENT_TYPE: {"schema": schema}}}
    return made | ({"headers": headers} if headers else {})

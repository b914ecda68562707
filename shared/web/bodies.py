"""Request bodies: one strict decoder for all of them."""

import asyncio
import json
import math
from typing import Annotated, Any, NoReturn, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, from_json

from shared.errors import FieldError, Invalid
from shared.web.problems import HttpProblem

MAX_BODY = 64 * 1024
# The gateway waits for 10 s, and should be the one that gives up (see receiving.py).
READ_SECONDS = 12.0
# Integers that every JSON reader keeps exact, and that fit a bigint.
MAX_INTEGER = 2**53


class RequestBody(BaseModel):
    """A body: camelCase keys, no unknown fields, no `"256"` or `true` where a number belongs."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# JSON has one kind of number: 256.0 is a whole one, and some writers write it so.
WholeNumber = Annotated[int, BeforeValidator(_whole)]


def of_changes(schema: dict[str, Any]) -> None:
    """What is left out stays: defaults would say otherwise, and an empty object says nothing."""
    schema["minProperties"] = 1
    for field in schema["properties"].values():
        field.pop("default", None)


class ChangeBody(RequestBody):
    """The body of a PATCH: what is left out stays, and is known by `model_fields_set`. The fields
    have defaults, which are never used."""

    model_config = ConfigDict(json_schema_extra=of_changes)


Body = TypeVar("Body", bound=RequestBody)


async def read_body(request: web.Request, model: type[Body]) -> Body:
    """The body as `model`.

    Raises HttpProblem for what is unreadable (400), slow (408), too large (413) or not JSON (415),
    and Invalid with every bad field at once.
    """
    # A compressed body could unfold to any size after the limit was checked.
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise HttpProblem(415, "unsupported_media_type", "Send the body without Content-Encoding.")
    if request.content_type != "application/json":
        raise HttpProblem(
            415, "unsupported_media_type", "Send JSON, with `Content-Type: application/json`."
        )
    value = decode_json(await received(request))
    if not isinstance(value, dict):
        raise HttpProblem(400, "unreadable", "The body must be a JSON object.")
    return validated(model, value)


async def received(request: web.Request) -> bytes:
    """The body, whole. Raises HttpProblem for what breaks off (400) or is slow (408), and
    HTTPRequestEntityTooLarge."""
    # What is announced need not come before it is refused.
    if (request.content_length or 0) > MAX_BODY:
        raise web.HTTPRequestEntityTooLarge(MAX_BODY, request.content_length or 0)
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await request.read()
    except TimeoutError:
        raise HttpProblem(408, "request_timeout", "The body did not arrive in time.") from None
    except (ConnectionError, web.RequestPayloadError):
        # The client was cut off, or frames its body wrongly: nothing of ours failed.
        raise HttpProblem(400, "unreadable", "The body broke off.") from None


def validated(model: type[Body], value: dict[str, Any]) -> Body:
    """`value` as `model`. Raises Invalid that names every bad field."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Invalid("Some fields are not right; see `errors`.", field_errors(error)) from None


def field_errors(error: ValidationError) -> list[FieldError]:
    """Every bad field, by its path in the input."""
    return [
        FieldError(".".join(str(part) for part in e["loc"]) or "body", _message(e))
        for e in error.errors(include_url=False, include_input=False)
    ]


# In our words where the library's speak of Python, or name our classes.
_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "string_type": "must be a string",
    "string_pattern_mismatch": "must match {pattern}",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "too_short": "must have at least {min_length}",
    "too_long": "must have at most {max_length}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


def _message(error: ErrorDetails) -> str:
    if (ours := _MESSAGES.get(error["type"])) is not None:
        return ours.format(**error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ")


def decode_json(raw: bytes) -> Any:
    """Decode strictly: no NaN or 1e400, no integers beyond 2^53, no duplicate keys, no lone
    surrogates, no more than some 200 levels. Raises HttpProblem 400."""
    try:
        # First the reader that refuses bad UTF-8, surrogates and depth; then the one with hooks.
        from_json(raw, allow_inf_nan=False)
        return json.loads(
            raw,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_bounded_int,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0][:200]
        raise HttpProblem(400, "unreadable", f"The body is not valid JSON: {reason}.") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has the same key twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _bounded_int(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise ValueError("an integer is beyond 2^53")
    return int(text)


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("a number is too large")
    return number

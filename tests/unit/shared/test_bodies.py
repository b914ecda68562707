"""Request bodies: what clients may send, and what they are told when they may not."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from shared.errors import Invalid
from shared.web.bodies import (
    MAX_BODY,
    RequestBody,
    WholeNumber,
    decode_json,
    read_body,
    validated,
)
from shared.web.problems import HttpProblem, problems

Client = TestClient[web.Request, web.Application]

UNREADABLE = {
    "nothing": b"",
    "not JSON": b"hello",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "too large a number": b'{"a": 1e400}',
    "an integer beyond 2^53": b'{"a": 9007199254740993}',
    "a negative integer beyond 2^53": b'{"a": -9007199254740993}',
    "an endless integer": b'{"a": ' + b"9" * 5000 + b"}",
    "a key twice": b'{"a": 1, "a": 2}',
    "a key twice, spelled differently": b'{"a": 1, "\\u0061": 2}',
    "a key twice, deep down": b'{"a": [{"b": {"c": 1, "c": 1}}]}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a lone surrogate as a key": b'{"\\udc00": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-32": '{"a": 1}'.encode("utf-32-le"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "broken UTF-8": b'{"a": "\xff"}',
    "a surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "too deep": b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}",
    "far too deep": b"[" * 30_000,
    "a raw control character": b'{"a": "\x01"}',
    "something after it": b'{"a": 1} {}',
    "a comma too many": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "a leading zero": b'{"a": 01}',
}


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_two_readers_could_read_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(HttpProblem) as refusal:
        decode_json(raw)
    assert (refusal.value.status, refusal.value.code) == (400, "unreadable")


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), 0, -0.5, 1e300, "\0", "😀", "\u2028", [], {"": None}, [[[]]]]
)
def test_what_is_clear_is_read(value: object) -> None:
    assert decode_json(json.dumps({"a": value}).encode()) == {"a": value}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None)
@given(value=JSON)
def test_plain_json_is_read_as_it_was_written(value: object) -> None:
    assert decode_json(json.dumps(value, ensure_ascii=False).encode()) == value


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=50))
def test_no_bytes_bring_the_reader_down(raw: bytes) -> None:
    try:
        decode_json(raw)
    except HttpProblem as refusal:
        assert refusal.status == 400


class Note(RequestBody):
    text_of_it: str
    count: int = 0


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async def door(request: web.Request) -> web.Response:
        note = await read_body(request, Note)
        return web.json_response({"text": note.text_of_it, "count": note.count})

    app = web.Application(middlewares=[problems], client_max_size=MAX_BODY)
    app.router.add_post("/", door)
    async with TestClient(TestServer(app)) as client:
        yield client


async def post(client: Client, body: object, **headers: str) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **headers}
    async with client.post("/", data=data, headers=sent) as response:
        if response.status != 200:
            assert response.content_type == "application/problem+json"
        return response.status, await response.json(content_type=None)


async def test_a_good_body_is_taken(client: Client) -> None:
    assert await post(client, {"textOfIt": "x"}) == (200, {"text": "x", "count": 0})


@pytest.mark.parametrize(
    ("body", "bad"),
    [
        ({}, ["textOfIt"]),
        ({"textOfIt": 1, "count": "1"}, ["textOfIt", "count"]),
        ({"textOfIt": "x", "count": True}, ["count"]),
        ({"textOfIt": "x", "count": 1.0}, ["count"]),
        ({"textOfIt": "x", "count": None}, ["count"]),
        ({"textOfIt": "x", "other": 1}, ["other"]),
        ({"text_of_it": "x"}, ["textOfIt", "text_of_it"]),
    ],
)
async def test_every_bad_field_is_named_at_once(
    client: Client, body: object, bad: list[str]
) -> None:
    status, answer = await post(client, body)
    assert (status, answer["code"]) == (422, "invalid")
    assert [error["field"] for error in answer["errors"]] == bad


async def test_a_refusal_does_not_repeat_what_was_sent(client: Client) -> None:
    _, answer = await post(client, {"textOfIt": ["a secret"]})
    assert "secret" not in str(answer)


async def test_a_body_that_is_no_object_is_unreadable(client: Client) -> None:
    bodies: list[object] = [[], "x", 1, None]
    for body in bodies:
        status, answer = await post(client, body)
        assert (status, answer["code"]) == (400, "unreadable")


async def test_other_content_types_are_not_understood(client: Client) -> None:
    good = {"textOfIt": "x"}
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
        status, answer = await post(client, good, **{"Content-Type": content_type})
        assert (status, answer["code"]) == (415, "unsupported_media_type")
    status, _ = await post(client, good, **{"Content-Type": "application/json; charset=utf-8"})
    assert status == 200


async def test_a_compressed_body_is_refused_before_it_can_unfold(client: Client) -> None:
    status, answer = await post(client, b"x", **{"Content-Encoding": "gzip"})
    assert (status, answer["code"]) in [(415, "unsupported_media_type"), (400, "unreadable")]


async def test_a_body_beyond_64_kib_is_too_large(client: Client) -> None:
    assert (await post(client, {"textOfIt": "x" * (MAX_BODY - 20)}))[0] == 200
    status, answer = await post(client, {"textOfIt": "x" * MAX_BODY})
    assert (status, answer["code"]) == (413, "payload_too_large")


class Counted(RequestBody):
    ids: list[str] = Field(min_length=1, max_length=2)
    number: int = Field(default=2, ge=2, le=4)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"ids": []}, "must have at least 1"),
        ({"ids": ["a", "b", "c"]}, "must have at most 2"),
        ({"ids": ["a"], "number": 1}, "must be at least 2"),
        ({"ids": ["a"], "number": 5}, "must be at most 4"),
    ],
)
def test_bounds_are_told_in_our_words(body: dict[str, object], message: str) -> None:
    with pytest.raises(Invalid) as refused:
        validated(Counted, body)
    assert [error.message for error in refused.value.errors] == [message]


class Sized(RequestBody):
    size: WholeNumber


def test_a_whole_number_may_be_written_with_a_fraction_of_nothing() -> None:
    assert validated(Sized, decode_json(b'{"size": 256.0}')).size == 256


@pytest.mark.parametrize("written", [b"256.5", b'"256"', b"true", b"null"])
def test_what_is_no_whole_number_is_refused(written: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        validated(Sized, decode_json(b'{"size": %b}' % written))
    assert [error.field for error in refused.value.errors] == ["size"]

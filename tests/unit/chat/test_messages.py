"""What may be sent, and when two sendings are one."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain.messages import (
    Draft,
    Message,
    compact,
    fingerprint,
)
from shared.ids import uuid7

MESSAGE = Message(
    id=uuid7(),
    group_id=uuid7(),
    seq=2,
    ordinal=1,
    sender_id="alice",
    sender_name="Alice",
    type="text",
    content="hello",
    metadata='{"a":1,"b":[true]}',
    client_message_id="x",
    is_deleted=False,
    created_at=datetime.now(UTC),
    total=1,
)


def test_metadata_is_kept_as_sent_without_blanks() -> None:
    assert compact({"z": 1.0, "a": ["é", {}]}) == '{"z":1.0,"a":["é",{}]}'


@pytest.mark.parametrize(("size", "fits"), [(8192, True), (8193, False)])
def test_metadata_is_measured_in_bytes_of_compact_json(size: int, fits: bool) -> None:
    metadata = {"k": "é" * ((size - 8) // 2) + "x" * (size % 2)}
    if fits:
        assert len(compact(metadata).encode()) == size
    else:
        with pytest.raises(ValueError, match="8192 bytes"):
            compact(metadata)


@pytest.mark.parametrize(("levels", "fits"), [(32, True), (33, False)])
@pytest.mark.parametrize("kind", ["objects", "lists"])
def test_metadata_has_so_many_levels_and_no_more(levels: int, fits: bool, kind: str) -> None:
    value: Any = 1
    for _ in range(levels - 1):
        value = {"a": value} if kind == "objects" else [value]
    if fits:
        compact({"a": value})
    else:
        with pytest.raises(ValueError, match="32 levels"):
            compact({"a": value})


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False),
        max_size=3,
    )
)
def test_whatever_is_taken_comes_back_equal(metadata: dict[str, Any]) -> None:
    if any("\0" in key for key in metadata) or float("inf") in map(abs_or_zero, metadata.values()):
        return
    assert replace(MESSAGE, metadata=compact(metadata)).metadata_object == metadata


def abs_or_zero(value: object) -> float:
    return abs(value) if isinstance(value, float) else 0.0


@pytest.mark.parametrize(
    ("draft", "same"),
    [
        (Draft("hello", "text", '{"a":1,"b":[true]}'), True),
        (Draft("hello", "text", '{"b":[true],"a":1}'), True),
        (Draft("hello", "text", '{"b":[1],"a":1}'), False),
        (Draft("hello", "text", '{"b":[true],"a":1.0}'), False),
        (Draft("hello", "text", None), False),
        (Draft("hello", "file", '{"a":1,"b":[true]}'), False),
        (Draft("hello ", "text", '{"a":1,"b":[true]}'), False),
    ],
)
def test_only_the_same_message_answers_a_repeated_call(draft: Draft, same: bool) -> None:
    assert MESSAGE.is_answer_to(draft) is same
    left = fingerprint(MESSAGE.id, MESSAGE)
    gone = replace(MESSAGE, content="", metadata=None, is_deleted=True, fingerprint=left)
    assert gone.is_answer_to(draft) is same


def test_what_is_left_of_equal_messages_does_not_tell_that_they_were_equal() -> None:
    assert fingerprint(uuid7(), MESSAGE) != fingerprint(uuid7(), MESSAGE)


def test_no_metadata_is_not_empty_metadata() -> None:
    bare = replace(MESSAGE, metadata=None)
    assert bare.is_answer_to(Draft("hello"))
    assert not bare.is_answer_to(Draft("hello", metadata="{}"))

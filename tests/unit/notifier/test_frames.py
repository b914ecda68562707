"""SSE bytes, read by a reader that was written from the standard."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import to_json

from services.notifier.domain import Cursor, ResetReason
from services.notifier.shapes.events import Reset
from services.notifier.streams import frames
from shared.ids import uuid7
from tests.fixtures.event_stream import EventStreamReader, StreamEvent

NOW = datetime(2026, 11, 23, 23, 40, 1, 123456, tzinfo=UTC)
NASTY = 'a\nb\r\nc\rd: e\n\n:f\0\u2028\u2029\x85\ufeff\u202e"\\ id: 9\n\nevent: x\ndata: y\n\n😀'
# What a browser could take for an end of a line, or a byte order mark.
TEXT = st.text(
    alphabet=st.sampled_from('ab: \n\r\0\u2028\u2029\x85\ufeff"\\{}é😀')
    | st.characters(codec="utf-8")
)


def events(payload: bytes, pieces: int = 1) -> list[StreamEvent]:
    """What a browser would dispatch, however the bytes are cut."""
    reader = EventStreamReader()
    size = max(1, len(payload) // pieces)
    return [
        event
        for start in range(0, len(payload), size)
        for event in reader.feed(payload[start : start + size])
    ]


def body(title: str = "t", message: str = "m", **data: object) -> bytes:
    return frames.shared_body("message.new", title, message, to_json(data), NOW, uuid7())


@settings(max_examples=100, deadline=None)
@given(title=TEXT, message=TEXT, content=TEXT, pieces=st.integers(1, 40))
def test_whatever_people_write_stays_one_event(
    title: str, message: str, content: str, pieces: int
) -> None:
    payload = frames.notification(3, 42, False, True, body(title, message, content=content))
    [event] = events(payload, pieces)
    assert (event.name, event.last_event_id) == ("notification", "e3-42")
    shown = event.json
    assert (shown["title"], shown["message"], shown["data"]) == (
        title,
        message,
        {"content": content},
    )
    assert (shown["id"], shown["isRead"], shown["isDelivered"]) == ("42", False, True)


def test_a_notification_is_one_line_of_data() -> None:
    payload = frames.notification(1, 1, False, False, body(NASTY, NASTY, content=NASTY))
    assert payload.count(b"\n") == 4
    assert payload.endswith(b"\n\n")
    assert b"\r" not in payload
    assert b"\0" not in payload


def test_a_notification_has_the_fields_that_the_contract_names() -> None:
    shown = json.loads(frames.notification_json(42, True, False, body("t", "m", groupId="g")))
    event_id = shown.pop("eventId")
    assert len(event_id) == 36
    assert shown == {
        "id": "42",
        "type": "message.new",
        "title": "t",
        "message": "m",
        "data": {"groupId": "g"},
        "isRead": True,
        "isDelivered": False,
        "createdAt": "2026-11-23T23:40:01.123Z",
    }


def test_several_notifications_in_one_write_are_several_events() -> None:
    payload = b"".join(frames.notification(1, seq, False, False, body()) for seq in range(1, 6))
    assert [event.last_event_id for event in events(payload)] == [f"e1-{n}" for n in range(1, 6)]


def test_the_first_event_says_where_the_stream_starts() -> None:
    payload = frames.connected("bob", 1764000000000, Cursor(1, 41), Cursor(1, 48), 7, 30.0)
    [event] = events(payload)
    assert (event.name, event.last_event_id) == ("connected", "e1-41")
    assert event.data == (
        '{"userId":"bob","timestamp":1764000000000,"cursor":"e1-41","newest":"e1-48",'
        '"unread":7,"heartbeat":30}'
    )


def test_a_heartbeat_is_a_real_event_and_moves_no_cursor() -> None:
    payload = frames.notification(1, 5, False, False, body()) + frames.heartbeat(7, Cursor(1, 6))
    event = events(payload)[-1]
    assert (event.name, event.json) == ("heartbeat", {"timestamp": 7, "cursor": "e1-6"})
    assert event.last_event_id == "e1-5"


def test_a_reset_carries_the_cursor_to_go_on_from() -> None:
    data: Reset = {
        "reason": ResetReason.EXPIRED,
        "cursor": "e1-9",
        "unread": 3,
        "resyncUrl": "/v1/notifications",
    }
    [event] = events(frames.reset(data, Cursor(1, 9)))
    assert (event.name, event.last_event_id) == ("reset", "e1-9")
    assert event.json == data


def test_last_words_are_events_of_their_own() -> None:
    payload = frames.closed({"reason": "too_many_streams"}) + frames.token_expired(7)
    assert [(event.name, event.json) for event in events(payload)] == [
        ("closed", {"reason": "too_many_streams"}),
        ("token_expired", {"timestamp": 7}),
    ]


@pytest.mark.parametrize("milliseconds", [200, 60_000])
def test_a_client_is_told_when_to_come_back(milliseconds: int) -> None:
    reader = EventStreamReader()
    assert list(reader.feed(frames.retry(milliseconds))) == []
    assert reader.retry == milliseconds


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        # The examples of the standard itself, and the corners of its rules.
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")]),
        (
            b": hi\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third\n\n",
            [
                ("message", "first event", "1"),
                ("message", "second event", ""),
                ("message", " third", ""),
            ],
        ),
        (b"data\n\ndata\ndata\n\ndata:", [("message", "", ""), ("message", "\n", "")]),
        (b"data:test\n\ndata: test\n\n", [("message", "test", ""), ("message", "test", "")]),
        (b"\xef\xbb\xbfdata: x\r\n\r\ndata: y\r\r:", [("message", "x", ""), ("message", "y", "")]),
        (b"event: a\n\ndata: x\n\n", [("message", "x", "")]),
        (
            b"id: 1\n\ndata: x\n\nid: 2\0\ndata: y\n\n",
            [("message", "x", "1"), ("message", "y", "1")],
        ),
    ],
)
def test_the_reader_reads_as_the_standard_says(
    stream: bytes, expected: list[tuple[str, str, str]]
) -> None:
    for pieces in (1, 3, len(stream)):
        found = [(e.name, e.data, e.last_event_id) for e in events(stream, pieces)]
        assert found == expected

"""The encoder of event streams, read as the standard says: whatever people write stays one event,
wherever the bytes are cut. Two readers were written from the standard, apart from each other: the
one of all tests, which takes pieces, and the one below, which takes the whole."""

import json
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from services.notifier.domain import Cursor, ResetReason
from services.notifier.streams import frames
from shared.ids import uuid7
from tests.fixtures.event_stream import EventStreamReader
from tests.fuzz.effort import Effort, examples
from tests.fuzz.test_events import ANYTHING

NOW = datetime(2026, 11, 23, 23, 40, 1, 123456, tzinfo=UTC)
# What could end a line, begin a field, or be taken for a mark of the byte order.
TEXT = st.text(
    alphabet=st.sampled_from('\r\n\0\u2028\u2029\x85\x0b\x0c\ufeff: "\\{}é😀')
    | st.characters(codec="utf-8")
)
Dispatched = tuple[str, str, str]
Expected = tuple[str, object, str]


def whole(stream: bytes) -> list[Dispatched]:
    """What a browser dispatches: name, data, last event id. By the words of section 9.2.6, line by
    line, with nothing pending in between."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    dispatched: list[Dispatched] = []
    name, data, last_id = "", "", ""
    # What comes after the last end of a line is no line.
    for line in lines[:-1]:
        if line == "":
            if data != "":
                dispatched.append((name or "message", data[:-1], last_id))
            name, data = "", ""
        elif line[0] != ":":
            colon = line.find(":")
            field, value = (line, "") if colon < 0 else (line[:colon], line[colon + 1 :])
            value = value[1:] if value[:1] == " " else value
            if field == "data":
                data += value + "\n"
            elif field == "event":
                name = value
            elif field == "id" and "\0" not in value:
                last_id = value
    return dispatched


def in_pieces(stream: bytes, cuts: list[int]) -> list[Dispatched]:
    """The same, by the reader that takes pieces."""
    reader = EventStreamReader()
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [
        (event.name, event.data, event.last_event_id)
        for start, end in pairwise(places)
        for event in reader.feed(stream[start:end])
    ]


CUTS = st.lists(st.integers(0, 10_000), max_size=12)
LINES = st.sampled_from(
    [
        *(b"data", b"data:", b"data: ", b"data:  x", b"data: a:b", b"event", b"event: x", b"id"),
        *(b"id: 7", b"id: 7\0", b"retry: 5", b": comment", b":", b" data: x", b"data : x", b""),
        *("data: é😀\u2028".encode(), b"data: \xff\xfe", b"\xef\xbb\xbfdata: x", b"\xf0\x9f", b""),
    ]
) | st.binary(max_size=6)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", b"\n\r"])
# A CR at the very end waits for what may be the rest of its end of a line.
STREAMS = st.lists(st.tuples(LINES, ENDS), max_size=12).map(
    lambda lines: b"".join(line + end for line, end in lines) + b":"
)


@st.composite
def notifications(draw: st.DrawFn) -> tuple[bytes, Expected]:
    seq, epoch = draw(st.integers(0, 10**18 - 1)), draw(st.integers(0, 10**18 - 1))
    is_read, is_delivered = draw(st.booleans()), draw(st.booleans())
    title, message = draw(TEXT), draw(TEXT)
    data = draw(st.dictionaries(TEXT, ANYTHING | TEXT, max_size=4))
    event_id = uuid7()
    body = frames.shared_body("message.new", title, message, to_json(data), NOW, event_id)
    shown = {
        "id": str(seq),
        "isRead": is_read,
        "isDelivered": is_delivered,
        "type": "message.new",
        "title": title,
        "message": message,
        "data": data,
        "createdAt": "2026-11-23T23:40:01.123Z",
        "eventId": str(event_id),
    }
    frame = frames.notification(epoch, seq, is_read, is_delivered, body)
    assert json.loads(frames.notification_json(seq, is_read, is_delivered, body)) == shown
    return frame, ("notification", shown, f"e{epoch}-{seq}")


@st.composite
def others(draw: st.DrawFn) -> tuple[bytes, Expected]:
    cursor = Cursor(draw(st.integers(0, 10**18 - 1)), draw(st.integers(0, 10**18 - 1)))
    user_id = draw(st.from_regex(r"[!-+\--~]{1,128}", fullmatch=True))
    if draw(st.booleans()):
        shown: dict[str, object] = {
            "userId": user_id,
            "timestamp": 7,
            "cursor": str(cursor),
            "newest": str(cursor),
            "unread": 3,
            "heartbeat": 30,
        }
        return frames.connected(user_id, 7, cursor, cursor, 3, 30.0), (
            "connected",
            shown,
            str(cursor),
        )
    reason = draw(st.sampled_from(ResetReason))
    reset = {"reason": str(reason), "cursor": str(cursor), "unread": 3, "resyncUrl": "/v1/x"}
    frame = frames.reset(
        {"reason": reason, "cursor": str(cursor), "unread": 3, "resyncUrl": "/v1/x"}, cursor
    )
    return frame, ("reset", reset, str(cursor))


def test_what_is_written_is_what_a_browser_dispatches(effort: Effort) -> None:
    for figures in effort.rounds("frames"):

        @examples(60)
        @given(written=st.lists(notifications() | others(), max_size=5), cuts=CUTS)
        def encoded(written: list[tuple[bytes, Expected]], cuts: list[int]) -> None:
            stream = b"".join(frame for frame, _ in written)
            dispatched = in_pieces(stream, cuts)
            assert dispatched == whole(stream)
            assert [(n, json.loads(data), id_) for n, data, id_ in dispatched] == [
                expected for _, expected in written
            ]
            figures.count("read as written")  # noqa: B023 - called within the round

        @examples(80)
        @given(stream=STREAMS, cuts=CUTS)
        def anything(stream: bytes, cuts: list[int]) -> None:
            """The reader itself, or a flaw of it could hide one of the encoder."""
            assert in_pieces(stream, cuts) == whole(stream)
            figures.count("both readers agree")  # noqa: B023

        encoded()
        anything()


def test_heartbeats_and_pauses_move_no_cursor() -> None:
    cursor = Cursor(3, 9)
    stream = frames.retry(5) + frames.connected("bob", 7, cursor, cursor, 0, 30.0)
    stream += frames.heartbeat(8, Cursor(3, 10)) + frames.token_expired(9)
    for cut in range(len(stream)):
        ids = [last_id for _, _, last_id in in_pieces(stream, [cut])]
        assert ids == ["e3-9"] * 3

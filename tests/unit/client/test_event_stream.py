"""Bytes of an event stream, in whatever pieces they come."""

from circles_client.event_stream import EventStreamParser, ServerEvent
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.event_stream import EventStreamReader

_PIECES = st.lists(
    st.sampled_from(
        [
            *(b"id: e1-4\n", b"event: notification\r", b"data: {}\r\n", b"data\n", b"data:\n"),
            *(b"\n", b"\r\n", b"\r", b": a comment\n", b"retry: 25\n", b"retry: soon\n", b"id\n"),
            *(
                b"id: with\0nul\n",
                b"data:  two\n",
                "data: é😀\n".encode(),
                b"\xef\xbb\xbf",
                b"\xff",
            ),
        ]
    ),
    max_size=30,
)


def events(*chunks: bytes) -> list[ServerEvent]:
    parser = EventStreamParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def test_an_event_cut_anywhere_is_the_same_event() -> None:
    stream = "id: e1-7\r\nevent: notification\r\ndata: é😀\r\ndata: two\r\n\r\n".encode()
    for cut in range(len(stream) + 1):
        assert events(stream[:cut], stream[cut:]) == [
            ServerEvent("notification", "é😀\ntwo", "e1-7")
        ]


def test_an_event_is_there_with_its_last_byte_even_where_lines_end_in_cr() -> None:
    parser = EventStreamParser()
    assert list(parser.feed(b"data: x\r\r")) == [ServerEvent("message", "x", "")]
    assert list(parser.feed(b"\ndata: y\n\n")) == [ServerEvent("message", "y", "")]


def test_half_an_event_is_no_event() -> None:
    assert events(b"event: notification\ndata: {}\n") == []


def test_a_cursor_stays_until_the_next_one() -> None:
    said = events(b"id: e1-7\ndata: a\n\nevent: heartbeat\ndata: b\n\n")
    assert [event.cursor for event in said] == ["e1-7", "e1-7"]


def test_a_pause_that_is_no_number_is_ignored() -> None:
    parser = EventStreamParser()
    assert list(parser.feed("retry: 25\nretry: x\nretry: ٣\nretry: -1\n\n".encode())) == []
    assert parser.retry_ms == 25


@given(_PIECES, st.integers(1, 9))
def test_it_reads_what_the_standard_says(pieces: list[bytes], size: int) -> None:
    stream = b"".join(pieces)
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    reader = EventStreamReader()
    # One that ends in a CR waits in the other reader, for a byte that may belong to it.
    wanted = [event for chunk in [*chunks, b"\n"] for event in reader.feed(chunk)]
    said = events(*chunks, b"\n")
    assert [(e.name, e.data, e.cursor) for e in said] == [
        (e.name, e.data, e.last_event_id) for e in wanted
    ]

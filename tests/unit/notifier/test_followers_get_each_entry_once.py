"""What a follower does when entries are pushed while it reads."""

from services.notifier.streams.connection import Connection
from services.notifier.streams.follower import Follower


def connection() -> Connection:
    """A stream whose frames stay where they are queued: it has no transport."""
    return Connection("bob", 1, None, expires_at=0.0, max_frames=256, max_seconds=5.0)


def test_an_entry_pushed_during_a_read_that_finds_it_is_written_once() -> None:
    stream = connection()
    stream.begin_reading()
    stream.offer(1, False, b"{}", None)
    stream.take(1, False, False, b"{}", None)
    stream.end_reading(1, complete=True)
    assert stream.live
    # Nothing is left to be read: it would be read while pushes are written.
    assert not stream.woken.is_set()


def test_an_entry_pushed_during_a_later_read_waits_for_the_read() -> None:
    stream = connection()
    stream.begin_reading()
    stream.end_reading(0, complete=True)
    assert stream.live
    stream.begin_reading()
    stream.offer(1, False, b"{}", None)
    assert stream.position == 0


def test_an_entry_pushed_after_the_read_began_and_missed_by_it_is_read_again() -> None:
    stream = connection()
    stream.begin_reading()
    stream.offer(2, False, b"{}", None)
    stream.end_reading(1, complete=True)
    assert not stream.live
    assert stream.woken.is_set()


def test_an_entry_out_of_sequence_sends_a_live_stream_back_to_the_table() -> None:
    stream = connection()
    stream.begin_reading()
    stream.end_reading(4, complete=True)
    stream.offer(6, False, b"{}", None)
    assert stream.position == 4
    assert not stream.live
    assert stream.woken.is_set()


def test_an_entry_that_was_given_already_changes_nothing() -> None:
    follower = Follower("bob")
    follower.begin_reading()
    follower.end_reading(4, complete=True)
    follower.offer(4, False, b"{}", None)
    assert follower.live
    assert not follower.woken.is_set()


def test_somebody_who_may_have_missed_something_looks_even_during_a_read() -> None:
    follower = Follower("bob")
    follower.begin_reading()
    follower.look()
    follower.end_reading(4, complete=True)
    assert not follower.live
    assert follower.woken.is_set()


def test_a_stream_that_was_ended_during_a_read_finds_out() -> None:
    stream = connection()
    stream.begin_reading()
    stream.end(b"event: token_expired\n\n")
    stream.end_reading(0, complete=True)
    assert not stream.live
    assert stream.woken.is_set()

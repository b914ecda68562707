"""Whom a moved watermark tells what."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain.receipts import (
    Interval,
    Move,
    Sent,
    covered_by_number,
    covered_by_people,
)
from shared.ids import uuid7

GROUP = uuid7()


def delivered(user_id: str | None, from_seq: int, to_seq: int) -> Move:
    return Move(GROUP, "delivered", user_id, from_seq, to_seq)


def sent(seq: int, sender_id: str = "alice") -> Sent:
    return Sent(UUID(int=seq), seq, sender_id, total=seq * 10)


ALWAYS = [Interval(who, 0, None) for who in ("alice", "bob", "carol")]


def test_each_sender_hears_of_their_own_messages_only() -> None:
    [to_alice, to_bob] = covered_by_people(
        [delivered("carol", 0, 4)], [sent(1), sent(2, "bob"), sent(3), sent(4)], ALWAYS
    )
    assert (to_alice.sender_id, to_alice.newest.seq, to_alice.up_to) == ("alice", 4, {"carol": 4})
    assert [i.int for i in to_alice.message_ids] == [1, 3, 4]
    assert (to_bob.sender_id, to_bob.newest.total, to_bob.up_to) == ("bob", 20, {"carol": 2})


def test_nobody_receives_their_own_message() -> None:
    assert covered_by_people([delivered("alice", 0, 2)], [sent(1), sent(2)], ALWAYS) == []


def test_each_recipient_counts_up_to_where_they_are() -> None:
    [told] = covered_by_people(
        [delivered("bob", 1, 3), delivered("carol", 0, 2)], [sent(1), sent(2), sent(3)], ALWAYS
    )
    assert told.up_to == {"bob": 3, "carol": 2}
    assert [i.int for i in told.message_ids] == [1, 2, 3]


def test_what_was_sent_while_someone_was_away_is_not_theirs() -> None:
    away = [Interval("bob", 0, 2), Interval("bob", 4, None)]
    [told] = covered_by_people([delivered("bob", 0, 6)], [sent(n) for n in range(1, 7)], away)
    assert [i.int for i in told.message_ids] == [1, 2, 5, 6]


def test_a_receipt_names_the_newest_hundred() -> None:
    [told] = covered_by_people([delivered("bob", 0, 150)], [sent(n) for n in range(1, 151)], ALWAYS)
    assert [i.int for i in told.message_ids] == list(range(51, 151))


def test_a_large_groups_receipt_covers_what_any_move_covers() -> None:
    [told] = covered_by_number(
        [delivered(None, 0, 1), delivered(None, 2, 3)], [sent(1), sent(2), sent(3)]
    )
    assert [i.int for i in told.message_ids] == [1, 3]


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 100))
def test_cutting_a_move_loses_nothing_and_tells_nothing_twice(
    start: int, length: int, cut: int
) -> None:
    move = delivered("bob", start, start + length)
    parts = [part for part in (move.up_to(cut), move.above(cut)) if part is not None]
    covered = [seq for part in parts for seq in range(part.from_seq + 1, part.to_seq + 1)]
    assert covered == list(range(start + 1, start + length + 1))

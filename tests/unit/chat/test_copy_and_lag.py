"""Which facts count for the copy, slices of the history, and how far the copy is behind."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from services.chat.domain.groups import Group
from services.chat.domain.history import Slice, Span
from services.chat.inbox.lag import CopyLag
from tests.unit.chat.test_notices import BOB, members, state


def version(number: int) -> Group:
    group = Group.unknown(state())
    group.take_state(state().model_copy(update={"version": number}), is_deleted=False)
    return group


def test_an_older_fact_does_not_bring_an_old_name_back() -> None:
    group = version(5)
    group.take_state(state().model_copy(update={"version": 4, "name": "Old"}), is_deleted=False)
    assert (group.name, group.version) == ("Hikers", 5)


def test_a_late_fact_about_members_counts_after_a_newer_one_about_the_name() -> None:
    group = version(3)
    assert not group.takes_members(3, None)
    assert group.takes_members(2, members(BOB))
    assert not group.takes_members(1, members(BOB))


def test_facts_without_members_in_their_turn_leave_no_gap() -> None:
    group = version(1)
    assert group.takes_members(1, members(BOB))
    group.takes_members(2, None)
    assert group.members_version == 2
    group.takes_members(4, None)
    assert group.members_version == 2


def test_a_deleted_group_stays_deleted() -> None:
    group = version(1)
    group.take_state(state().model_copy(update={"version": 2}), is_deleted=True)
    group.take_state(state().model_copy(update={"version": 3}), is_deleted=False)
    assert group.is_deleted


@pytest.mark.parametrize(
    ("chosen", "low", "high"),
    [
        (Slice.of_page(Span(10), 1, 3), 8, 10),
        (Slice.of_page(Span(10), 4, 3), 1, 1),
        (Slice.before(Span(10), 8, 3), 5, 7),
        (Slice.before(Span(10), 99, 3), 8, 10),
        (Slice.after(Span(10), 8, 3), 9, 10),
        (Slice.after(Span(10), 0, 3), 1, 3),
        # Up to 4 they are gone.
        (Slice.of_page(Span(10, 4), 2, 4), 5, 6),
        (Slice.before(Span(10, 4), 7, 9), 5, 6),
        (Slice.after(Span(10, 4), 0, 3), 5, 7),
    ],
)
def test_slices_are_found_by_counting(chosen: Slice, low: int, high: int) -> None:
    assert (chosen.low, chosen.high, chosen.is_empty) == (low, high, False)


@pytest.mark.parametrize(
    "chosen",
    [
        Slice.of_page(Span(0), 1, 20),
        Slice.of_page(Span(10), 3, 5),
        Slice.before(Span(10), 1, 5),
        Slice.after(Span(10), 10, 5),
        Slice.after(Span(10), 99, 5),
    ],
)
def test_beyond_either_end_there_is_nothing(chosen: Slice) -> None:
    assert chosen.is_empty


def test_old_events_being_handled_mean_that_the_copy_is_behind() -> None:
    lag, now = CopyLag(), time.monotonic()
    assert lag.reason(now) is None
    with lag.handling(datetime.now(UTC) - timedelta(seconds=30)):
        assert lag.reason(time.monotonic()) == "30 s behind groups"
    assert lag.reason(time.monotonic() + 1) is not None
    assert lag.reason(time.monotonic() + 3) is None


def test_fresh_events_handled_slowly_mean_it_too() -> None:
    lag = CopyLag()
    with lag.handling(datetime.now(UTC)):
        assert lag.reason(time.monotonic() + 4) is None
        assert lag.reason(time.monotonic() + 6) is not None
    assert lag.reason(time.monotonic()) is None


def test_a_producers_fast_clock_does_not_count_as_being_ahead() -> None:
    lag = CopyLag()
    with lag.handling(datetime.now(UTC) + timedelta(minutes=5)):
        assert lag.reason(time.monotonic() + 6) is not None

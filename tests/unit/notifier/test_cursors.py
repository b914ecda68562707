"""Cursors: what they say, and when a client must reload."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain import Cursor, Mailbox, ResetReason, parse_cursor, reason_to_reset

MAILBOX = Mailbox(last_seq=1000, floor_seq=100)


@given(epoch=st.integers(0, 10**18 - 1), seq=st.integers(0, 10**18 - 1))
def test_a_cursor_is_read_back_as_it_was_given(epoch: int, seq: int) -> None:
    assert parse_cursor(str(Cursor(epoch, seq)), present_epoch=7) == Cursor(epoch, seq)


def test_a_bare_id_means_the_present_epoch() -> None:
    assert parse_cursor("42", present_epoch=7) == Cursor(7, 42)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "x", "-1", "+1", "1.0", "1 ", "e-1", "e1-", "e1", "e1-2-3", "E1-2", "e1-2\n"),
        *("e1_2", "٣", "1" * 19, "e" + "1" * 19 + "-1", "null", "e1-x", "0x10"),
    ],
)
def test_what_is_no_cursor_is_not_guessed_at(text: str) -> None:
    assert parse_cursor(text, present_epoch=7) is None


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [
        (None, ResetReason.UNREADABLE),
        (Cursor(6, 1000), ResetReason.UNKNOWN_EPOCH),
        (Cursor(8, 1000), ResetReason.UNKNOWN_EPOCH),
        (Cursor(7, 1001), ResetReason.BEYOND_END),
        (Cursor(7, 1000), None),
        (Cursor(7, 500), None),
        (Cursor(7, 499), ResetReason.TOO_FAR_BEHIND),
        (Cursor(7, 100), ResetReason.TOO_FAR_BEHIND),
        (Cursor(7, 99), ResetReason.EXPIRED),
        (Cursor(7, 0), ResetReason.EXPIRED),
    ],
)
def test_a_client_is_resumed_only_when_nothing_can_be_missing(
    cursor: Cursor | None, reason: ResetReason | None
) -> None:
    assert reason_to_reset(cursor, MAILBOX, 7, 500) == reason


def test_nobody_with_an_empty_mailbox_must_reload() -> None:
    assert reason_to_reset(Cursor(7, 0), Mailbox(), 7, 500) is None

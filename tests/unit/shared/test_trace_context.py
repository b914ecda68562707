"""Whose trace something belongs to, and what of a caller's word is taken."""

import pytest

from shared.events.envelope import decode, encode, new_event, traceparent_in
from shared.trace_context import (
    current,
    is_sampled,
    new_traceparent,
    parsed,
    trace_id_of,
    within,
)
from tests.builders import a_message_sent

TRACE = "0af7651916cd43dd8448eb211c80319c"
GIVEN = f"00-{TRACE}-b7ad6b7169203331-01"


def test_a_callers_trace_is_gone_on_with() -> None:
    assert parsed(GIVEN) == GIVEN
    assert trace_id_of(GIVEN) == TRACE
    assert is_sampled(GIVEN)
    assert not is_sampled(GIVEN.removesuffix("01") + "00")


def test_of_a_later_version_what_is_known_is_taken() -> None:
    assert parsed(f"cc-{TRACE}-b7ad6b7169203331-01-what-comes-later") == GIVEN


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        GIVEN.upper(),
        GIVEN + "-more",
        f"ff-{TRACE}-b7ad6b7169203331-01",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-b7ad6b7169203331-1",
        f" {GIVEN}",
        f"{GIVEN}\n",
    ],
)
def test_a_header_that_is_no_traceparent_counts_as_none(header: str | None) -> None:
    assert parsed(header) is None


def test_a_trace_that_begins_here_can_be_gone_on_with() -> None:
    made = new_traceparent()
    assert parsed(made) == made != new_traceparent()
    assert not is_sampled(made)


def test_a_trace_ends_with_its_block() -> None:
    with within(GIVEN):
        with within(None):
            assert current() is None
        assert current() == GIVEN
    assert current() is None


def test_an_event_says_its_trace_without_being_decoded() -> None:
    event = new_event(a_message_sent(), GIVEN)
    assert traceparent_in(encode(event)) == GIVEN == decode(encode(event)).traceparent
    quoting = a_message_sent(content=f'"traceparent":"{GIVEN}","data":')
    assert traceparent_in(encode(new_event(quoting))) is None

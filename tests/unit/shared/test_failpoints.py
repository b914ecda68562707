"""Failpoints do what they are told, at the passage they are told, and nothing when unset."""

import pytest

from shared import failpoints
from shared.failpoints import InjectedFailure, parse


def test_a_failpoint_strikes_at_its_nth_passage_only() -> None:
    armed = parse("relay.confirmed=raise@3")["relay.confirmed"]
    assert [armed.pause(), armed.pause()] == [0.0, 0.0]
    with pytest.raises(InjectedFailure):
        armed.pause()
    assert armed.pause() == 0.0


def test_without_a_number_it_strikes_every_time() -> None:
    armed = parse("a=sleep:0.5 b=hang")
    assert [armed["a"].pause(), armed["a"].pause()] == [0.5, 0.5]
    assert armed["b"].pause() > 3600


@pytest.mark.parametrize("wrong", ["a", "a=explode", "a=kill@often", "=kill", "a=sleep:long"])
def test_a_misspelt_failpoint_ends_the_process(wrong: str) -> None:
    with pytest.raises(SystemExit):
        parse(wrong)


async def test_unset_they_do_nothing() -> None:
    await failpoints.reached("relay.confirmed")
    failpoints.passed("push.written")

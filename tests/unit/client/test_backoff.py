"""How long a client stays away."""

from circles_client.backoff import Backoff


def least(low: float, _: float) -> float:
    return low


def most(_: float, high: float) -> float:
    return high


def test_nobody_comes_back_sooner_than_asked() -> None:
    backoff = Backoff(1.0, 30.0, least)
    backoff.asked = 3.1
    assert [backoff.next() for _ in range(5)] == [3.1] * 5
    assert backoff.next(at_least=60.0) == 60.0


def test_waits_grow_with_each_failure_up_to_a_bound() -> None:
    backoff = Backoff(1.0, 30.0, most)
    assert [backoff.next() for _ in range(7)] == [1.25, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_success_ends_the_growth() -> None:
    backoff = Backoff(1.0, 30.0, most)
    waits = [backoff.next(), backoff.next()]
    backoff.succeeded()
    assert backoff.next() == waits[0] < waits[1]


def test_a_long_pause_that_was_asked_for_is_kept_and_spread() -> None:
    backoff = Backoff(1.0, 30.0, most)
    backoff.asked = 60.0
    assert [backoff.next(), backoff.next()] == [75.0, 75.0]

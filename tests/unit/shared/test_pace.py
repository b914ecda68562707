"""Who is alone is served at once; who comes in a crowd shares."""

from types import SimpleNamespace

import pytest

from shared import pace
from shared.pace import Pace, pause_after

SECONDS = 0.01


class Clock:
    """A loop's time that passes only where somebody waits or works."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    # For the pace alone: whoever else sleeps in this loop must not move its clock.
    its_own = SimpleNamespace(get_running_loop=lambda: clock, sleep=clock.sleep)
    monkeypatch.setattr(pace, "asyncio", its_own)
    return clock


async def test_after_a_quiet_time_nobody_waits(clock: Clock) -> None:
    rounds = Pace(SECONDS)
    for _ in range(3):
        await rounds.next()
        clock.now += SECONDS * 2
    assert clock.waits == []


async def test_after_a_round_that_took_longer_nobody_waits(clock: Clock) -> None:
    rounds = Pace(SECONDS)
    await rounds.next()
    clock.now += SECONDS
    await rounds.next()
    assert clock.waits == []


async def test_short_rounds_begin_one_pace_apart(clock: Clock) -> None:
    rounds = Pace(SECONDS)
    begun = []
    for _ in range(4):
        await rounds.next()
        begun.append(round(clock.now, 6))
        clock.now += SECONDS / 10
    assert begun == [100.0, 100.01, 100.02, 100.03]


async def test_two_who_wait_at_once_have_a_turn_each(clock: Clock) -> None:
    rounds = Pace(SECONDS)
    await rounds.next()
    waiting = [rounds.next(), rounds.next()]
    for each in waiting:
        await each
    assert clock.now == pytest.approx(100.0 + 2 * SECONDS)


def test_a_tick_waits_no_longer_than_it_must() -> None:
    assert pause_after(0.0, 0.1) == 0.1
    assert pause_after(0.01, 0.1) == 0.1


def test_rounds_that_take_long_are_made_less_often_up_to_a_bound() -> None:
    assert pause_after(0.03, 0.1) == pytest.approx(0.24)
    assert pause_after(5.0, 0.1) == pytest.approx(0.4)

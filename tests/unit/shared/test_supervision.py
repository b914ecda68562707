"""Long-lived tasks: they come back, they stop, and health says what is missing."""

import asyncio

import pytest

from shared import supervision
from shared.supervision import Health, running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(supervision, "CANCEL_AGAIN_SECONDS", 0.05)


class Part:
    """A task whose first runs end as a test says, and whose later ones go on."""

    def __init__(self, health: Health, *ends: Exception | None) -> None:
        self.runs = 0
        self.seen: list[dict[str, str]] = []
        self.works = asyncio.Event()
        self._health = health
        self._ends = list(ends)

    async def __call__(self) -> None:
        self.runs += 1
        self.seen.append(self._health.missing)
        if self._ends:
            if error := self._ends.pop(0):
                raise error
            return
        self._health.up("part")
        self.works.set()
        await asyncio.Event().wait()


async def test_a_part_is_missing_until_it_says_it_works() -> None:
    health = Health()
    part = Part(health)
    async with asyncio.timeout(5), running("part", part, health):
        assert health.missing == {"part": "starting"}
        await part.works.wait()
        assert health.missing == {}


async def test_a_part_that_fails_comes_back_and_health_said_why() -> None:
    health = Health()
    part = Part(health, ConnectionError("the broker\nwent away"))
    async with asyncio.timeout(5), running("part", part, health):
        await part.works.wait()
    assert part.seen[1] == {"part": "ConnectionError: the broker"}
    assert part.runs == 2


async def test_a_quiet_end_counts_as_a_failure() -> None:
    health = Health()
    part = Part(health, None, None)
    async with asyncio.timeout(5), running("part", part, health):
        await part.works.wait()
    assert part.seen[1:] == [{"part": "ended"}] * 2


async def test_of_a_group_of_failures_the_first_cause_is_told() -> None:
    health = Health()
    failure = ExceptionGroup("tasks", [ExceptionGroup("inner", [ValueError("why")])])
    part = Part(health, failure)
    async with asyncio.timeout(5), running("part", part, health):
        await part.works.wait()
    assert part.seen[1] == {"part": "ValueError: why"}


async def test_a_part_ends_with_its_block_even_if_it_misses_being_told() -> None:
    deaf_until = 2
    told = 0

    async def deaf() -> None:
        nonlocal told
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told += 1
                if told >= deaf_until:
                    raise

    async with asyncio.timeout(5), running("part", deaf, Health()):
        await asyncio.sleep(0)
    assert told == deaf_until


async def test_parts_are_missing_each_for_itself() -> None:
    health = Health()
    health.down("a", "x")
    health.down("b", "y")
    health.up("a")
    health.up("never down")
    assert health.missing == {"b": "y"}
    health.missing.clear()
    assert health.missing == {"b": "y"}

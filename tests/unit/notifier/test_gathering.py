"""Questions that wait share the next answer, and none is left waiting."""

import asyncio
from collections.abc import Sequence

from services.notifier.streams.gathering import Gathering


async def test_who_asks_again_as_soon_as_they_are_answered_is_answered_again() -> None:
    async def answer(asked: Sequence[int]) -> Sequence[int]:
        await asyncio.sleep(0)
        return [-each for each in asked]

    gathering = Gathering(answer, together=10, at_once=1)
    async with asyncio.timeout(5):
        assert [await gathering.ask(number) for number in range(5)] == [0, -1, -2, -3, -4]


async def test_what_waits_while_one_question_is_answered_shares_the_next() -> None:
    batches: list[Sequence[int]] = []

    async def answer(asked: Sequence[int]) -> Sequence[int]:
        batches.append(asked)
        await asyncio.sleep(0)
        return asked

    gathering = Gathering(answer, together=10, at_once=1)
    first = asyncio.create_task(gathering.ask(0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await asyncio.gather(first, *(gathering.ask(number) for number in range(1, 4)))
    assert batches == [[0], [1, 2, 3]]

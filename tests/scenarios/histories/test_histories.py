"""Whatever a few people do, in whatever order, everybody sees what a small model says.

`HISTORIES=200 make test ARGS=tests/scenarios/histories` plays that many, others each time;
`--hypothesis-seed` repeats a run. A history that fails is shrunk, and printed as the deeds to play.
"""

import os
from collections.abc import Awaitable, Callable
from uuid import uuid4

import aiohttp
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fixtures.stack import Stack
from tests.scenarios.histories.checks_chat import check_chat
from tests.scenarios.histories.checks_inboxes import check_inboxes
from tests.scenarios.histories.checks_receipts import check_deliveries
from tests.scenarios.histories.drawing import BEGINNING, HISTORIES, PEOPLE
from tests.scenarios.histories.story import Deed, Player, Story
from tests.scenarios.people import User

Play = Callable[[list[Deed]], Awaitable[None]]

_WANTED = os.environ.get("HISTORIES")


@pytest.fixture(scope="session")
def play(stack: Stack, http: aiohttp.ClientSession) -> Play:
    """Plays a history among newcomers. A function, since hypothesis prints what a failing test was
    given, and of a stack that is pages."""

    async def play(history: list[Deed]) -> None:
        names = ("Alice", "Bob", "Carol", "Dan")[:PEOPLE]
        users = [User(http, f"{name.lower()}-{uuid4().hex[:8]}", name) for name in names]
        story = Story(stack, [Player(user) for user in users])
        try:
            await _tell(story, history)
        finally:
            for who in story.players:
                for device in who.devices:
                    await device.close()

    return play


@settings(
    max_examples=int(_WANTED or 10),
    # The same ones each time, unless more were asked for: a build must not fail by chance.
    derandomize=_WANTED is None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(history=HISTORIES)
async def test_everybody_sees_what_happened_and_is_told_of_it_once(
    play: Play, history: list[Deed]
) -> None:
    await play(history)


async def _tell(story: Story, history: list[Deed]) -> None:
    for place, deed in enumerate([BEGINNING, *history]):
        try:
            await deed.play(story)
        except BaseException as error:
            error.add_note(f"at deed {place}: {deed}")
            raise
    await check_inboxes(story)
    for who in story.players:
        await check_chat(story, who)
    await check_deliveries(story)

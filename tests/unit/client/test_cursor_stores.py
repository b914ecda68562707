"""Where a client keeps its place."""

import asyncio

import pytest
from circles_client import Circles, FileCursor, Notification

from tests.unit.client.scripted import TIMING, Script, connected, notified, playing, stream


async def test_the_place_is_found_again_in_the_file(tmp_path: object) -> None:
    path = f"{tmp_path}/bob.cursor"
    for expected in ([1, 2], [3]):
        script = Script(
            [stream(connected(f"e1-{expected[0] - 1}", "e1-9"), notified(*expected), stays=True)]
        )
        async with (
            playing(script),
            asyncio.timeout(10),
            Circles(script.url, token="t", cursor=FileCursor(path), timing=TIMING) as circles,
        ):
            got: list[Notification] = []
            async for notification in circles.notifications():
                got.append(notification)
                if len(got) == len(expected):
                    break
        assert [int(each.id) for each in got] == expected
        assert script.opened == [None if expected == [1, 2] else "e1-2"]


async def test_a_place_that_could_not_be_kept_is_said_before_anything_comes(
    tmp_path: object,
) -> None:
    script = Script([stream(connected("e1-0", "e1-9"), notified(1), stays=True)])
    cursor = FileCursor(f"{tmp_path}/none/bob.cursor")
    async with (
        playing(script),
        Circles(script.url, token="t", cursor=cursor, timing=TIMING) as circles,
    ):
        with pytest.raises(FileNotFoundError, match="There is no folder"):
            await anext(circles.events())
    assert not script.opened

"""A stream of the crowd is served when it has what it missed, not when it is merely let in."""

import json

import aiohttp

from tests.faults.timeline import Timeline
from tests.faults.wire import WireReader
from tests.fixtures.event_stream import StreamEvent


def _connected(start: int, newest: int) -> StreamEvent:
    data = json.dumps({"cursor": f"e1-{start}", "newest": f"e1-{newest}"})
    return StreamEvent("connected", data, f"e1-{start}")


def _entry(position: int) -> StreamEvent:
    data = json.dumps({"id": str(position), "eventId": f"x{position}", "type": "x"})
    return StreamEvent("notification", data, f"e1-{position}")


async def _served_after(*events: StreamEvent) -> list[bool]:
    """Whether it was, after each of the events."""
    async with aiohttp.ClientSession() as http:
        reader = WireReader(http, "bob", Timeline(), "http://127.0.0.1")
        served = []
        for event in events:
            reader._take_event(event)
            served.append(bool(reader.served_at))
    return served


async def test_who_missed_nothing_is_served_at_once() -> None:
    assert await _served_after(_connected(4, 4)) == [True]


async def test_who_missed_something_is_served_with_the_last_of_it() -> None:
    events = (_connected(4, 6), _entry(5), _entry(6), _entry(7))
    assert await _served_after(*events) == [False, False, True, True]


async def test_who_is_told_to_reload_has_missed_nothing_more() -> None:
    events = (_connected(4, 600), StreamEvent("reset", "{}", "e1-600"))
    assert await _served_after(*events) == [False, True]

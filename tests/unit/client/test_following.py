"""Each entry once and in order, whatever the connections do."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from circles_client import (
    Circles,
    MemoryCursor,
    Notification,
    Problem,
    Reset,
    StateChange,
    TokenRefused,
)

from tests.fixtures.waiting import eventually
from tests.unit.client.scripted import (
    TIMING,
    Line,
    Script,
    answered,
    connected,
    entry,
    event,
    heartbeat,
    notified,
    playing,
    polled,
    problem,
    reset,
    silence,
    states,
    stream,
    told,
)
from tests.unit.client.test_tokens import Issuer

START = connected("e1-0", "e1-9")


async def test_a_stream_that_ends_is_resumed_behind_what_was_given() -> None:
    script = Script(
        [
            stream(START, notified(1, 2), b"id: e1-3\nevent: notification\ndata: {"),
            stream(connected("e1-2", "e1-9"), notified(3)),
            stream(connected("e1-3", "e1-9"), notified(4), stays=True),
        ]
    )
    events, positions = await told(script, 4)
    assert positions == [1, 2, 3, 4]
    assert script.opened == [None, "e1-2", "e1-3"]
    assert states(events)[:3] == ["connecting", "streaming", "waiting"]


async def test_what_a_stream_says_again_is_given_once() -> None:
    script = Script([stream(START, notified(1, 2, 1, 2, 3), stays=True)])
    assert (await told(script, 3))[1] == [1, 2, 3]


async def test_a_reset_is_told_and_gone_on_from() -> None:
    script = Script([stream(connected("e2-7"), reset("e2-7")), stream(connected("e2-7"), b"")])
    async with (
        playing(script),
        asyncio.timeout(10),
        Circles(script.url, token="t", cursor=MemoryCursor("e1-4"), timing=TIMING) as circles,
    ):
        async for each in circles.events():
            if isinstance(each, Reset):
                assert (each.reason, each.cursor, each.unread) == ("expired", "e2-7", 3)
            if len(script.opened) == 2:
                break
    assert script.opened == ["e1-4", "e2-7"]


async def test_a_first_stream_cut_before_its_reset_does_not_skip_it() -> None:
    script = Script(
        [
            stream(connected("e1-900")),
            stream(connected("e1-900"), reset("e1-900"), heartbeat("e1-900"), notified(901)),
        ]
    )
    events, positions = await told(script, 1)
    assert script.opened[:2] == [None, None]
    assert [each.cursor for each in events if isinstance(each, Reset)] == ["e1-900"]
    assert positions == [901]


@pytest.mark.parametrize(
    "line",
    [
        silence,
        stream(stays=True),
        stream(connected("e1-0", "e1-9", heartbeat=0.1), stays=True),
        answered("<html>Welcome to the hotel</html>"),
        answered("<html>Forbidden</html>", 403),
        stream(connected("e1-0", "e1-9")),
    ],
    ids=["no headers", "no first event", "no heartbeat", "another page", "a proxy's no", "cut"],
)
async def test_polls_bring_what_streams_do_not(line: Line) -> None:
    script = Script([line], [polled("e1-2", 1, 2), polled("e1-3", 3)])
    events, positions = await told(script, 3)
    assert positions == [1, 2, 3]
    assert script.asked[-1] == "e1-2"
    assert "polling" in states(events)
    fallback = next(e for e in events if isinstance(e, StateChange) and e.state == "polling")
    assert fallback.why


async def test_streams_are_used_again_once_they_get_through_twice() -> None:
    """A proxy that flushes only the first event must not win polls over for nothing."""
    first_only = stream(connected("e1-1", "e1-9", heartbeat=0.1), stays=True)
    good = stream(connected("e1-1", "e1-9"), notified(2), heartbeat("e1-3"), notified(3, 4, 5))

    async def waits(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.05)
        return await polled("e1-1")(request)

    script = Script([silence, first_only, good], [polled("e1-1", 1), waits])
    events, positions = await told(script, 5)
    assert positions == [1, 2, 3, 4, 5]
    assert script.opened == [None, "e1-1", "e1-1"]
    assert states(events) == ["connecting", "polling", "streaming"]


async def test_a_stream_that_says_reset_does_not_take_over_from_polls_that_go_well() -> None:
    """Polls have moved on since it was opened: its reset would lead back."""
    late = stream(connected("e1-3", "e1-9"), reset("e1-3"), notified(4, 5), stays=True)
    good = stream(connected("e1-5", "e1-9"), heartbeat("e1-6"), notified(6), stays=True)

    async def waits(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.05)
        return await polled("e1-5")(request)

    script = Script([silence, late, good], [polled("e1-5", 1, 2, 3, 4, 5), waits])
    events, positions = await told(script, 6)
    assert positions == [1, 2, 3, 4, 5, 6]
    assert not [each for each in events if isinstance(each, Reset)]
    assert len(script.opened) == 3


async def test_when_polls_fail_as_well_streams_are_tried_again() -> None:
    script = Script([silence, stream(START, notified(1), stays=True)], [problem(503, "away")])
    assert (await told(script, 1))[1] == [1]
    assert len(script.asked) == 3


async def test_a_poll_that_says_reset_is_told_and_gone_on_from() -> None:
    said = {"reason": "expired", "cursor": "e2-5", "unread": 1, "resyncUrl": "/v1/notifications"}
    answer = answered({"notifications": [], "cursor": "e2-5", "reset": said})
    entries = [{**entry(6), "data": {}}]
    script = Script([silence], [answer, answered({"notifications": entries, "cursor": "e2-6"})])
    events, positions = await told(script, 1)
    assert [each.cursor for each in events if isinstance(each, Reset)] == ["e2-5"]
    assert positions == [6]
    assert script.asked == [None, "e2-5"]


async def test_polls_that_end_at_once_are_not_asked_in_a_hot_loop() -> None:
    script = Script([silence], [polled("e1-1")] * 9 + [polled("e1-2", 2)])
    began = time.monotonic()
    assert (await told(script, 1))[1] == [2]
    assert time.monotonic() - began > TIMING.connect + 9 * TIMING.retry


async def test_a_pause_asked_for_as_a_good_bye_is_kept() -> None:
    script = Script(
        [
            stream(b"retry: 10\n\n", START, notified(1), b"retry: 300\n\n"),
            stream(connected("e1-1", "e1-9"), notified(2), stays=True),
        ]
    )
    began = time.monotonic()
    events, _ = await told(script, 2)
    assert time.monotonic() - began >= 0.3
    waits = [e.seconds for e in events if isinstance(e, StateChange) and e.state == "waiting"]
    assert waits[0] is not None and 0.3 <= waits[0] <= 0.375


async def test_the_reason_of_a_stream_that_was_closed_is_told() -> None:
    closed = event("closed", {"reason": "too_many_streams"})
    script = Script(
        [stream(START, closed, stays=True), stream(connected("e1-0", "e1-9"), notified(1))]
    )
    events, _ = await told(script, 1)
    assert any("too_many_streams" in e.why for e in events if isinstance(e, StateChange))


async def test_a_dead_link_is_noticed_and_a_stream_opened_again() -> None:
    script = Script(
        [
            stream(connected("e1-0", "e1-9", heartbeat=0.1), notified(1), stays=True),
            stream(connected("e1-1", "e1-9"), notified(2), stays=True),
        ]
    )
    events, positions = await told(script, 2)
    assert positions == [1, 2]
    assert "polling" not in states(events)


async def test_a_stream_behind_its_mailbox_is_opened_again() -> None:
    script = Script(
        [
            stream(START, notified(1), heartbeat("e1-2"), heartbeat("e1-2"), stays=True),
            stream(connected("e1-1", "e1-2"), notified(2), stays=True),
        ]
    )
    events, positions = await told(script, 2)
    assert positions == [1, 2]
    assert any("lags behind" in e.why for e in events if isinstance(e, StateChange))


async def test_an_expired_token_is_replaced_and_the_stream_opened_again_at_once() -> None:
    issuer = Issuer(3600, 3600)
    expired = event("token_expired", {"timestamp": 0})
    script = Script(
        [
            stream(b"retry: 60000\n\n", START, notified(1), expired),
            stream(connected("e1-1", "e1-9"), notified(2), stays=True),
        ]
    )
    events, positions = await told(script, 2, issuer)
    assert positions == [1, 2]
    assert "waiting" not in states(events)
    assert list(dict.fromkeys(script.tokens)) == issuer.tokens


async def test_a_stream_is_opened_with_a_new_token_before_the_old_one_ends() -> None:
    issuer = Issuer(0.4, 3600)
    script = Script(
        [
            stream(START, notified(1), stays=True),
            stream(connected("e1-1", "e1-9"), notified(2), stays=True),
        ]
    )
    events, positions = await told(script, 2, issuer)
    assert positions == [1, 2]
    assert states(events) == ["connecting", "streaming", "connecting", "streaming"]


async def test_a_refused_token_is_told_and_not_tried_again() -> None:
    script = Script([problem(401, "token_invalid")])
    with pytest.raises(TokenRefused) as refused:
        await told(script, 1)
    assert (refused.value.status, refused.value.code) == (401, "token_invalid")
    assert len(script.opened) == 1


async def test_a_function_that_knows_no_better_token_is_asked_once_more_and_no_further() -> None:
    issuer = Issuer(3600, 3600, 3600)
    script = Script([problem(401, "token_invalid")])
    with pytest.raises(TokenRefused):
        await told(script, 1, issuer)
    assert script.tokens == issuer.tokens[:2]


async def test_a_refusal_that_will_not_pass_is_told() -> None:
    script = Script([problem(422, "invalid")])
    with pytest.raises(Problem, match="Refused"):
        await told(script, 1)


async def test_an_event_counts_as_handled_once_the_next_is_asked_for() -> None:
    script = Script([stream(START, notified(1, 2), stays=True)])
    cursor = MemoryCursor()

    class Broken(Exception):
        pass

    async with playing(script), asyncio.timeout(10):
        with pytest.raises(Broken):
            async with Circles(script.url, token="t", cursor=cursor, timing=TIMING) as circles:
                async for notification in circles.notifications():
                    if notification.id == "2":
                        raise Broken
    assert cursor.cursor == "e1-1"
    assert script.acked[-1] == "e1-1"


async def test_who_leaves_in_peace_has_handled_what_came_last() -> None:
    script = Script([stream(START, notified(1, 2), stays=True)])
    cursor = MemoryCursor()
    async with (
        asyncio.timeout(10),
        playing(script),
        Circles(script.url, token="t", cursor=cursor, timing=TIMING) as circles,
    ):
        async for notification in circles.notifications():
            if notification.id == "2":
                break
    assert cursor.cursor == "e1-2"
    assert script.acked[-1] == "e1-2"


async def test_entries_of_one_poll_are_not_acknowledged_before_they_are_given() -> None:
    script = Script([silence], [polled("e1-3", 1, 2, 3)])
    async with (
        asyncio.timeout(10),
        playing(script),
        Circles(script.url, token="t", timing=TIMING) as circles,
    ):
        async for notification in circles.notifications():
            if notification.id == "2":
                await eventually(_said(script, "e1-1"))
                break
    assert script.acked == ["e1-1", "e1-2"]


def _said(script: Script, cursor: str) -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        return cursor in script.acked

    return said


async def test_acknowledgements_are_gathered() -> None:
    async def one_by_one(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(START)
        for position in range(1, 101):
            await response.write(notified(position))
            await asyncio.sleep(TIMING.ack / 10)
        return response

    script = Script([one_by_one])
    await told(script, 100)
    assert script.acked[-1] == "e1-100"
    assert len(script.acked) <= 30


async def _next(notifications: AsyncIterator[Notification]) -> Notification:
    return await anext(notifications)


async def test_two_tasks_can_not_wait_for_the_same_events() -> None:
    script = Script([stream(START, notified(1), stays=True)])
    async with playing(script), Circles(script.url, token="t", timing=TIMING) as circles:
        first = circles.notifications()
        await anext(first)
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(_next(first))
            await asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="Another task"):
                await anext(circles.events())
            waiting.cancel()


async def test_a_new_iteration_takes_over_from_the_one_before() -> None:
    script = Script(
        [
            stream(START, notified(1, 2), stays=True),
            stream(connected("e1-1", "e1-9"), notified(2), stays=True),
        ]
    )
    async with playing(script), Circles(script.url, token="t", timing=TIMING) as circles:
        first, second = circles.notifications(), circles.notifications()
        assert [(await anext(first)).id, (await anext(second)).id] == ["1", "2"]
        with pytest.raises(StopAsyncIteration):
            await anext(first)


async def test_closing_the_client_ends_the_iteration() -> None:
    script = Script([stream(START, heartbeat("e1-0"), stays=True)])
    async with playing(script), asyncio.timeout(10):
        circles = Circles(script.url, token="t", timing=TIMING)
        async for each in circles.events():
            if isinstance(each, StateChange) and each.state == "streaming":
                asyncio.get_running_loop().call_later(
                    0.1, lambda: asyncio.ensure_future(circles.close())
                )

"""Readers who do not read: when they are cut off, and what counts as delivered to them."""

import asyncio

from services.notifier.streams.hub import Hub
from tests.unit.notifier.streams import Stream, numbers, push, registered, until_flushed


async def test_a_slow_reader_is_cut_off_past_its_bound_of_frames() -> None:
    hub, slow, brisk = Hub(), Stream(max_frames=10).go_live(), Stream(max_frames=10).go_live()
    registered(hub, slow, brisk)
    slow.socket.holds = True
    for seq in range(1, 12):
        hub.push(push(seq))
        await until_flushed(hub)
    assert slow.socket.aborted
    assert slow.ended
    assert brisk.got == numbers(1, 11)


async def test_a_slow_reader_is_cut_off_past_its_bound_of_time() -> None:
    stream = Stream().go_live()
    stream.socket.holds = True
    stream.write(b"x")
    now = asyncio.get_running_loop().time()
    stream.check(now + 4.0)
    assert not stream.ended
    stream.check(now + 6.0)
    assert stream.socket.aborted


async def test_what_a_slow_reader_holds_back_counts_as_delivered_once_it_is_taken() -> None:
    hub, slow = Hub(), Stream(max_frames=10).go_live()
    registered(hub, slow)
    slow.socket.holds = True
    hub.push(push(1, 2))
    await until_flushed(hub)
    assert slow.noted == []
    slow.socket.holds = False
    slow.check(asyncio.get_running_loop().time())
    assert slow.noted == [(2, [1, 2])]
    hub.push(push(3))
    await until_flushed(hub)
    assert slow.noted == [(2, [1, 2]), (3, [3])]


async def test_what_a_reader_is_cut_off_from_never_counts_as_delivered() -> None:
    hub, slow = Hub(), Stream(max_frames=2).go_live()
    registered(hub, slow)
    hub.push(push(1))
    await until_flushed(hub)
    slow.socket.holds = True
    hub.push(push(2, 3))
    await until_flushed(hub)
    hub.push(push(4))
    await until_flushed(hub)
    assert slow.ended
    assert slow.noted == [(1, [1])]


async def test_a_reader_who_caught_up_has_its_whole_bound_again() -> None:
    stream = Stream(max_frames=10).go_live()
    now = asyncio.get_running_loop().time()
    for _ in range(3):
        stream.socket.holds = True
        stream.write(b"x", 8)
        assert stream.is_blocked
        stream.socket.holds = False
        stream.check(now + 1000)
        assert not stream.is_blocked
    assert not stream.ended

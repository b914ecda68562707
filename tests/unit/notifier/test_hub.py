"""The hub: what is pushed, to whom it goes, and who waits."""

import asyncio
from unittest.mock import Mock

import pytest

from services.notifier.storage.entries import Recipient
from services.notifier.streams import hub as hub_module
from services.notifier.streams.drain import drain
from services.notifier.streams.hub import Hub, Push
from services.notifier.streams.live import close_streams
from shared.ids import uuid7
from tests.fixtures.event_stream import EventStreamReader
from tests.unit.notifier.streams import BODY, Stream, numbers, push, registered, until_flushed


async def test_a_push_reaches_all_streams_of_its_owner_and_nobody_else() -> None:
    hub = Hub()
    phone, laptop, other = Stream().go_live(), Stream().go_live(), Stream("carol").go_live()
    registered(hub, phone, laptop, other)
    hub.push(push(1))
    assert phone.got == laptop.got == ["1"]
    assert other.got == []


async def test_an_idle_stream_is_written_at_once_and_a_burst_in_few_writes_in_order() -> None:
    hub, stream = Hub(), Stream().go_live()
    registered(hub, stream)
    hub.push(push(1))
    assert stream.got == ["1"]
    for seq in range(2, 100):
        hub.push(push(seq))
    await until_flushed(hub)
    assert stream.got == numbers(1, 99)
    assert len(stream.socket.writes) == 2


async def test_thousands_of_streams_are_written_in_turns_between_which_others_are_served() -> None:
    hub, streams = Hub(), [Stream(f"user-{number}").go_live() for number in range(1000)]
    registered(hub, *streams)
    everybody = [Recipient(stream.user_id, 1, False) for stream in streams]
    hub.push([Push(BODY, None, (), everybody)])
    written = [len([s for s in streams if s.got])]
    while written[-1] < len(streams):
        await asyncio.sleep(0)
        written.append(len([s for s in streams if s.got]))
    assert len(written) == 4
    assert written[0] == hub_module.WRITES_PER_TURN


async def test_what_is_pushed_between_two_turns_follows_in_order() -> None:
    hub, streams = Hub(), [Stream(f"user-{number}").go_live() for number in range(1000)]
    registered(hub, *streams)
    for seq in (1, 2, 3):
        hub.push([Push(BODY, None, (), [Recipient(s.user_id, seq, False) for s in streams])])
        await asyncio.sleep(0)
    await hub.at_rest()
    await until_flushed(hub)
    await hub.at_rest()
    assert all(stream.got == ["1", "2", "3"] for stream in streams)


async def test_who_pushes_more_than_can_be_written_waits() -> None:
    hub, streams = Hub(), [Stream(f"user-{number}").go_live() for number in range(1000)]
    registered(hub, *streams)
    await hub.at_rest()
    hub.push([Push(BODY, None, (), [Recipient(s.user_id, 1, False) for s in streams])])
    assert not all(stream.got for stream in streams)
    await hub.at_rest()
    assert all(stream.got for stream in streams)


async def test_a_flush_that_fails_does_not_stop_those_that_follow() -> None:
    hub, stream = Hub(), Stream().go_live()
    registered(hub, stream)
    stream.socket.write = Mock(side_effect=ZeroDivisionError)  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        hub.push(push(1))
    healthy = Stream("carol").go_live()
    hub.register(healthy)
    await until_flushed(hub)
    hub.push(push(1, user_id="carol"))
    assert healthy.got == ["1"]


async def test_what_was_written_is_noted_with_the_messages_among_it() -> None:
    hub, stream = Hub(), Stream().go_live()
    registered(hub, stream)
    hub.push([*push(1, 2), Push(BODY, None, (), [Recipient("bob", 3, True)])])
    assert stream.noted == [(3, [1, 2])]


async def test_what_no_longer_reached_its_client_is_not_noted() -> None:
    hub, stream = Hub(), Stream().go_live()
    registered(hub, stream)
    stream.socket.aborted = True
    hub.push(push(1))
    assert stream.noted == []
    assert stream.ended


async def test_a_stream_that_ended_makes_no_room_for_another_of_its_owner() -> None:
    hub, old, new = Hub(), Stream().go_live(), Stream().go_live()
    registered(hub, old, new)
    hub.unregister(old)
    hub.unregister(old)
    hub.push(push(1))
    assert (old.got, new.got) == ([], ["1"])
    hub.unregister(new)
    assert list(hub) == []
    assert hub.of_user("bob") == ()


async def test_an_event_that_was_stored_before_has_its_audience_look() -> None:
    hub, stream, other = Hub(), Stream().go_live(), Stream("carol").go_live()
    registered(hub, stream, other)
    hub.push([Push(BODY, None, ("bob",), None)])
    assert not stream.live
    assert other.live


async def test_too_many_streams_are_closed_by_their_ids() -> None:
    hub, one, other = Hub(), Stream().go_live(), Stream().go_live()
    registered(hub, one, other)
    close_streams(hub, {one.id, uuid7()})
    assert (one.got, one.ended) == (["closed"], True)
    assert (other.got, other.ended) == ([], False)


async def test_last_words_come_after_what_was_waiting_and_are_said_once() -> None:
    stream = Stream().go_live()
    stream.offer(1, False, BODY, None)
    stream.end(b"event: closed\ndata: {}\n\n")
    stream.end(b"event: closed\ndata: {}\n\n")
    assert stream.got == ["1", "closed"]
    assert stream.woken.is_set()


async def test_a_drain_ends_all_streams_each_with_a_pause_of_its_own() -> None:
    hub, streams = Hub(), [Stream(f"user-{number}").go_live() for number in range(50)]
    registered(hub, *streams)
    await drain(hub, 0.01)
    pauses = set()
    for stream in streams:
        assert stream.ended
        reader = EventStreamReader()
        assert list(reader.feed(b"".join(stream.socket.writes))) == []
        assert reader.retry is not None and 200 <= reader.retry <= 3000
        pauses.add(reader.retry)
    assert len(pauses) > 10

"""The hub, its followers and their connections: what is pushed, read, and cut off."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest

from services.notifier.domain import Mailbox, MessagePosition
from services.notifier.storage.catch_up import Slice
from services.notifier.storage.entries import Recipient, StoredEntry
from services.notifier.streams import hub as hub_module
from services.notifier.streams.connection import Connection
from services.notifier.streams.drain import drain
from services.notifier.streams.feed import Feed, follow
from services.notifier.streams.follower import Follower
from services.notifier.streams.hub import Hub, Push
from services.notifier.streams.live import close_streams
from shared.ids import uuid7
from tests.fixtures.event_stream import EventStreamReader

GROUP = uuid7()
BODY = b'"type":"message.new"}'


class Transport:
    """A socket that takes everything at once, until it is told to hold it back."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.holds = False
        self.aborted = False

    def write(self, payload: bytes) -> None:
        self.writes.append(payload)

    def get_write_buffer_size(self) -> int:
        return 1 if self.holds else 0

    def is_closing(self) -> bool:
        return self.aborted

    def get_extra_info(self, _: str) -> None:
        """There is no socket: everything goes through `write`."""

    def abort(self) -> None:
        self.aborted = True


class Stream(Connection):
    """A connection on such a socket, and what was noted as written."""

    def __init__(self, user_id: str = "bob", *, max_frames: int = 256) -> None:
        self.noted: list[tuple[int, list[int]]] = []
        self.socket = Transport()
        super().__init__(
            user_id, 1, self._note, expires_at=0.0, max_frames=max_frames, max_seconds=5.0
        )
        self.attach(
            cast(Any, SimpleNamespace(transport=self.socket)),
            cast(Any, SimpleNamespace(chunked=False)),
        )

    def _note(self, _: str, position: int, messages: Sequence[MessagePosition]) -> None:
        self.noted.append((position, [message.seq for message in messages]))

    def go_live(self, position: int = 0) -> "Stream":
        self.begin_reading()
        self.end_reading(position, complete=True)
        assert self.live
        return self

    @property
    def got(self) -> list[str]:
        """What its client read: ids of notifications, names of all else."""
        events = EventStreamReader().feed(b"".join(self.socket.writes))
        return [e.json["id"] if e.name == "notification" else e.name for e in events]


def push(*seqs: int, user_id: str = "bob") -> list[Push]:
    return [
        Push(BODY, MessagePosition(GROUP, seq), (), [Recipient(user_id, seq, False)])
        for seq in seqs
    ]


def registered(hub: Hub, *followers: Follower) -> None:
    for follower in followers:
        hub.register(follower)


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


async def until_flushed(hub: Hub) -> None:
    """What came in the same turn of the loop shares a flush in the next."""
    await asyncio.sleep(0)
    await hub.at_rest()
    await asyncio.sleep(0)


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


class Mailboxes:
    """A feed on a list of entries; `reading` is set during a read, which waits for `go_on`."""

    def __init__(self) -> None:
        self.last = 0
        # Up to here entries are older than what is kept.
        self.floor = 0
        self.reads: list[int] = []
        self.reading = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def after(self, _: str, position: int) -> Slice:
        self.reads.append(position)
        last = self.last
        self.reading.set()
        await self.go_on.wait()
        entries = [self._entry(seq) for seq in range(position + 1, min(last, position + 100) + 1)]
        reached = entries[-1].seq if entries else position
        mailbox = Mailbox(last_seq=last, floor_seq=self.floor)
        return Slice(mailbox, position, reached, entries)

    @staticmethod
    def _entry(seq: int) -> StoredEntry:
        return StoredEntry(
            seq, False, False, uuid7(), "message.new", "t", "m", "{}", None, datetime.now(UTC)
        )


async def until(stream: Stream, last: int) -> None:
    async with asyncio.timeout(5):
        while len(stream.got) < last or not stream.live:  # noqa: ASYNC110 - a stream has no event
            await asyncio.sleep(0)
    assert stream.got == numbers(1, last)


async def following(stream: Stream, mailboxes: Mailboxes) -> "asyncio.Task[None]":
    return asyncio.create_task(follow(stream, cast(Feed, mailboxes)))


async def test_a_stream_out_of_sequence_reads_what_it_missed() -> None:
    hub, mailboxes, stream = Hub(), Mailboxes(), Stream().go_live()
    registered(hub, stream)
    task = await following(stream, mailboxes)
    mailboxes.last = 3
    hub.push(push(1))
    hub.push(push(3))
    await until(stream, 3)
    assert mailboxes.reads == [1]
    stream.end()
    await task


async def test_a_stream_from_under_which_entries_are_removed_ends_and_gives_none_after_them() -> (
    None
):
    """Its client comes back with its cursor, and is told to reload."""

    class Removed(Mailboxes):
        async def after(self, user_id: str, position: int) -> Slice:
            if self.reads:
                self.floor = 150
            return await super().after(user_id, position)

    mailboxes, stream = Removed(), Stream()
    mailboxes.last = 250
    stream.look()
    async with asyncio.timeout(5):
        await follow(stream, cast(Feed, mailboxes))
    assert stream.ended
    assert mailboxes.reads == [0, 100]
    assert stream.got == numbers(1, 100)


async def test_a_push_while_a_stream_reads_is_neither_lost_nor_doubled() -> None:
    hub, mailboxes, stream = Hub(), Mailboxes(), Stream().go_live()
    registered(hub, stream)
    task = await following(stream, mailboxes)
    mailboxes.go_on.clear()
    mailboxes.last = 2
    hub.push(push(2))
    await mailboxes.reading.wait()
    # Stored after the read took its snapshot, and pushed while it is still on its way.
    mailboxes.last = 3
    hub.push(push(3))
    mailboxes.go_on.set()
    await until(stream, 3)
    hub.push(push(4))
    await until(stream, 4)
    stream.end()
    await task


async def test_a_long_way_is_caught_up_in_slices() -> None:
    mailboxes, stream = Mailboxes(), Stream().go_live()
    mailboxes.last = 250
    task = await following(stream, mailboxes)
    stream.hear_of(250)
    await until(stream, 250)
    assert mailboxes.reads == [0, 100, 200]
    stream.end()
    await task


async def test_nothing_comes_after_a_streams_last_word() -> None:
    mailboxes, stream = Mailboxes(), Stream().go_live()
    task = await following(stream, mailboxes)
    mailboxes.go_on.clear()
    mailboxes.last = 1
    stream.hear_of(1)
    await mailboxes.reading.wait()
    stream.end(b"event: token_expired\ndata: {}\n\n")
    mailboxes.go_on.set()
    async with asyncio.timeout(5):
        await task
    assert stream.got == ["token_expired"]
    assert stream.noted == []

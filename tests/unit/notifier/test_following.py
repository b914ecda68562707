"""Followers: what they missed is read, and meets what is pushed."""

import asyncio
from datetime import UTC, datetime
from typing import cast

from services.notifier.domain import Mailbox
from services.notifier.storage.catch_up import Slice
from services.notifier.storage.entries import StoredEntry
from services.notifier.streams.feed import Feed, follow
from services.notifier.streams.hub import Hub
from shared.ids import uuid7
from tests.unit.notifier.streams import Stream, numbers, push, registered


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

"""The feed: what follows this cursor? Read in batches for as many followers as are waiting."""

import asyncio
from dataclasses import dataclass

from services.notifier.storage import catch_up
from services.notifier.storage.catch_up import Slice
from services.notifier.storage.entries import StoredEntry
from services.notifier.streams import frames
from services.notifier.streams.connection import Connection
from shared.postgres.pool import Database

# Entries per read: a poll's answer, a stream's step.
SLICE = 100
# Followers per statement: 100 clients in one query measured eight times one by one.
TOGETHER = 100
# Statements at once. What waits beyond them shares the next; connections stay for other work.
READERS = 2


@dataclass(eq=False, slots=True)
class _Wanted:
    user_id: str
    after: int | None
    answer: asyncio.Future[Slice]


class Feed:
    """Reads slices of mailboxes. Requests that wait while a statement runs share the next one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Wanted] = []
        self._readers: set[asyncio.Task[None]] = set()

    async def after(self, user_id: str, position: int | None) -> Slice:
        """Up to SLICE entries after `position`; None means those never delivered.

        Raises DatabaseAway.
        """
        wanted = _Wanted(user_id, position, asyncio.get_running_loop().create_future())
        self._waiting.append(wanted)
        if len(self._readers) < READERS:
            reader = asyncio.create_task(self._read_waiting())
            self._readers.add(reader)
            reader.add_done_callback(self._readers.discard)
        return await wanted.answer

    async def _read_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            try:
                async with self._database.connection() as connection:
                    slices = await catch_up.read_after(
                        connection, [(w.user_id, w.after) for w in batch], SLICE
                    )
            except Exception as error:
                for wanted in batch:
                    if not wanted.answer.done():
                        wanted.answer.set_exception(error)
                continue
            for wanted, slice_ in zip(batch, slices, strict=True):
                if not wanted.answer.done():
                    wanted.answer.set_result(slice_)


def body_of(entry: StoredEntry) -> bytes:
    """The shared part of a stored entry's JSON."""
    return frames.shared_body(
        entry.type,
        entry.title,
        entry.message,
        entry.data.encode(),
        entry.created_at,
        entry.event_id,
    )


def is_complete(slice_: Slice) -> bool:
    """Whether the slice ends at the mailbox's end."""
    return len(slice_.entries) < SLICE


def give(connection: Connection, slice_: Slice) -> None:
    """Write a slice to a stream, unless it has ended: nothing comes after its last word."""
    if connection.ended:
        return
    for entry in slice_.entries:
        connection.take(
            entry.seq, entry.is_read, entry.is_delivered, body_of(entry), entry.position
        )
    connection.flush()
    connection.end_reading(slice_.reached, complete=is_complete(slice_))


async def follow(connection: Connection, feed: Feed) -> None:
    """Serve a registered stream until it ends: read while it is behind, sleep while it is live.

    Raises DatabaseAway: the client then resumes by its cursor.
    """
    while True:
        await connection.woken.wait()
        await connection.room()
        if connection.ended:
            return
        connection.begin_reading()
        give(connection, await feed.after(connection.user_id, connection.position))

"""The feed: what follows this cursor? Read in batches for as many followers as are waiting."""

from collections.abc import Sequence

from services.notifier.storage import catch_up
from services.notifier.storage.catch_up import Slice
from services.notifier.storage.entries import StoredEntry
from services.notifier.streams import frames
from services.notifier.streams.connection import Connection
from services.notifier.streams.gathering import Gathering
from shared import failpoints
from shared.postgres.pool import Database

# Entries per read: a poll's answer, a stream's step.
SLICE = 100
# Followers per statement: 100 clients in one query measured eight times one by one.
TOGETHER = 100
# Statements at once. What waits beyond them shares the next; connections stay for other work.
READERS = 2


class Feed:
    """Reads slices of mailboxes, for as many followers at once as are waiting."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads = Gathering(self._read, together=TOGETHER, at_once=READERS)

    async def after(self, user_id: str, position: int | None) -> Slice:
        """Up to SLICE entries after `position`; None means those never delivered.

        Raises DatabaseAway.
        """
        return await self._reads.ask((user_id, position))

    async def are_more_than(self, user_id: str, position: int, count: int) -> bool:
        """Whether more than `count` entries follow `position`. Raises DatabaseAway."""
        async with self._database.connection() as connection:
            return await catch_up.are_more_than(connection, user_id, position, count)

    async def _read(self, wanted: Sequence[tuple[str, int | None]]) -> Sequence[Slice]:
        async with self._database.connection() as connection:
            slices = await catch_up.read_after(connection, wanted, SLICE)
        await failpoints.reached("feed.read")
        return slices


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
        slice_ = await feed.after(connection.user_id, connection.position)
        if slice_.start < slice_.mailbox.floor_seq:
            # What came next was older than what is kept, and went while we read. The client comes
            # back with its cursor and is told to reload, instead of missing it in silence.
            connection.abort()
            return
        give(connection, slice_)

"""What was written to which stream and when, as far as this replica remembers; and with it, how
long after its commit.

Noted once for each write, which may hold many frames. Nothing of it is stored: it is for whoever
asks where a notification is, and for the histogram of push latency.
"""

import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from services.notifier.domain import MessagePosition
from services.notifier.streams.awaited import Awaited
from services.notifier.streams.connection import Written

# Writes remembered, of all streams together; about 4 MB.
REMEMBERED = 20_000
# By so much the clocks of replicas and of the database may differ. Whoever comes back after an
# erasure is told nothing in the first minute: what was written before is older than this.
CLOCKS_DIFFER_SECONDS = 30.0


class Offer(NamedTuple):
    """Entries `first` to `last` of a mailbox were written to a stream at `at`, in epoch seconds.
    `counts`: they are delivered by that; else only the client's word would make them so."""

    first: int
    last: int
    stream_id: UUID | None
    at: float
    counts: bool


# To which stream, from which entry to which, and when in epoch seconds.
_Write = tuple["Offering", int, int, float]


class Ack(NamedTuple):
    """A client has proven that it has everything up to `seq`."""

    user_id: str
    seq: int
    at: float


class Offers:
    """The memory of one replica, whose name in presence is `replica`."""

    def __init__(self, replica: str, awaited: Awaited) -> None:
        self.replica = replica
        self.awaited = awaited
        # Plain tuples, which cost a fifth of named ones: one is made for every write.
        self.written: deque[_Write] = deque(maxlen=REMEMBERED)
        self._acks: deque[Ack] = deque(maxlen=REMEMBERED)
        self._began = time.time()

    @property
    def since(self) -> datetime:
        """The time from which on this replica remembers what it wrote."""
        full = len(self.written) == REMEMBERED
        return moment(self.written[0][-1] if full else self._began)

    def acknowledged(self, user_id: str, seq: int) -> None:
        self._acks.append(Ack(user_id, seq, time.time()))

    def of(self, user_id: str, seq: int, stored_at: float) -> list[Offer]:
        """The writes that held this entry, stored at `stored_at` in epoch seconds, oldest first.

        Those from before that held another entry with this position: of somebody with the same id,
        who was erased."""
        since = stored_at - CLOCKS_DIFFER_SECONDS
        return [
            Offer(first, last, to.stream_id, at, to.counts)
            for to, first, last, at in self.written
            if to.user_id == user_id and first <= seq <= last and at >= since
        ]

    def ack_of(self, user_id: str, seq: int, stored_at: float) -> datetime | None:
        """When a client first proved that it has this entry, stored at `stored_at`."""
        since = stored_at - CLOCKS_DIFFER_SECONDS
        found = (
            a.at for a in self._acks if a.user_id == user_id and a.seq >= seq and a.at >= since
        )
        first = next(found, None)
        return None if first is None else moment(first)


class Offering:
    """One stream's writes: what its connection calls after each. `note` learns what counts as
    delivered by having been written, and is None where only the client's word counts."""

    __slots__ = ("_awaited", "_note", "_written", "position", "stream_id", "user_id")

    def __init__(self, user_id: str, offers: Offers, note: Written | None) -> None:
        self.user_id = user_id
        self.position = 0
        self.stream_id: UUID | None = None
        self._written = offers.written
        self._awaited = offers.awaited
        self._note = note

    @property
    def counts(self) -> bool:
        """Whether what is written is delivered by that."""
        return self._note is not None

    def starts(self, stream_id: UUID, position: int) -> None:
        """The stream's id, and what its client has already."""
        self.stream_id = stream_id
        self.position = position

    def __call__(self, user_id: str, seq: int, messages: Sequence[MessagePosition]) -> None:
        """Runs for every write to every stream."""
        self._written.append((self, self.position + 1, seq, time.time()))
        self.position = seq
        if user_id in self._awaited.users:
            self._awaited.written(user_id, seq, self.stream_id)
        if self._note is not None:
            self._note(user_id, seq, messages)


def moment(at: float) -> datetime:
    """Epoch seconds as a time."""
    return datetime.fromtimestamp(at, UTC)

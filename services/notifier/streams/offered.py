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


class Offer(NamedTuple):
    """Entries `first` to `last` of a mailbox were written to a stream at `at`, in epoch seconds.
    `counts`: they are delivered by that; else only the client's word would make them so."""

    user_id: str
    first: int
    last: int
    stream_id: UUID | None
    at: float
    counts: bool


_Write = tuple[str, int, int, UUID | None, float, bool]


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
        # Plain tuples with the fields of Offer, which cost a fifth: one is made for every write.
        self.written: deque[_Write] = deque(maxlen=REMEMBERED)
        self._acks: deque[Ack] = deque(maxlen=REMEMBERED)
        self._began = time.time()

    @property
    def since(self) -> datetime:
        """The time from which on this replica remembers what it wrote."""
        full = len(self.written) == REMEMBERED
        return moment(Offer(*self.written[0]).at if full else self._began)

    def acknowledged(self, user_id: str, seq: int) -> None:
        self._acks.append(Ack(user_id, seq, time.time()))

    def of(self, user_id: str, seq: int) -> list[Offer]:
        """The writes that held this entry, oldest first."""
        mine = (Offer(*write) for write in self.written if write[0] == user_id)
        return [offer for offer in mine if offer.first <= seq <= offer.last]

    def ack_of(self, user_id: str, seq: int) -> datetime | None:
        """When a client first proved that it has this entry."""
        found = (a.at for a in self._acks if a.user_id == user_id and a.seq >= seq)
        first = next(found, None)
        return None if first is None else moment(first)


class Offering:
    """One stream's writes: what its connection calls after each. `note` learns what counts as
    delivered by having been written, and is None where only the client's word counts."""

    __slots__ = ("_awaited", "_note", "_written", "position", "stream_id")

    def __init__(self, offers: Offers, note: Written | None) -> None:
        self._written = offers.written
        self._awaited = offers.awaited
        self._note = note
        self.position = 0
        self.stream_id: UUID | None = None

    def starts(self, stream_id: UUID, position: int) -> None:
        """The stream's id, and what its client has already."""
        self.stream_id = stream_id
        self.position = position

    def __call__(self, user_id: str, seq: int, messages: Sequence[MessagePosition]) -> None:
        """Runs for every write to every stream."""
        first, self.position = self.position + 1, seq
        note, awaited = self._note, self._awaited
        self._written.append((user_id, first, seq, self.stream_id, time.time(), note is not None))
        if user_id in awaited.users:
            awaited.written(user_id, seq, self.stream_id)
        if note is not None:
            note(user_id, seq, messages)


def moment(at: float) -> datetime:
    """Epoch seconds as a time."""
    return datetime.fromtimestamp(at, UTC)

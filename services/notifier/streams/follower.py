"""A follower: a position in a mailbox, and whether it is behind."""

import asyncio
from uuid import UUID

from services.notifier.domain import MessagePosition
from shared.ids import uuid7


class Follower:
    """One client's place in one mailbox.

    `position` is the last entry it was given, `top` the newest it has heard of. It is live when it
    has read everything up to what it has heard of; only then may a push be written as it comes.
    """

    # Tens of thousands are walked through for one message: what is smaller stays in the cache.
    __slots__ = ("ended", "id", "live", "must_look", "position", "top", "user_id", "woken")

    def __init__(self, user_id: str) -> None:
        self.id: UUID = uuid7()
        self.user_id = user_id
        self.position = 0
        self.top = 0
        self.live = False
        self.ended = False
        self.must_look = True
        self.woken = asyncio.Event()

    def hear_of(self, seq: int) -> None:
        """An entry at `seq` exists: unless it was given already, the follower must read."""
        if seq > self.position:
            self.top = max(self.top, seq)
            self._fall_behind()

    def look(self) -> None:
        """Something may have been missed: the follower must read."""
        self.must_look = True
        self._fall_behind()

    def begin_reading(self) -> None:
        """What is heard from here on may be newer than what the read will find. Nothing is written
        as it is pushed meanwhile, or the read would bring it again."""
        self.live = False
        self.must_look = False
        self.woken.clear()

    def end_reading(self, reached: int, *, complete: bool) -> None:
        """The read gave everything up to `reached`, the mailbox's end if `complete`."""
        self.position = max(self.position, reached)
        self.top = max(self.top, self.position)
        caught_up = complete and self.top == self.position and not self.must_look
        # Who was ended during the read must find that out.
        self.live = caught_up and not self.ended
        if self.live:
            # What was heard during the read was in it.
            self.woken.clear()
        else:
            self.woken.set()

    def offer(self, seq: int, is_read: bool, body: bytes, message: MessagePosition | None) -> None:
        """A new entry, as pushed. Who can't write it as it is reads it from the table."""
        self.hear_of(seq)

    def flush(self) -> None:
        """Write what was taken from offers since the last flush."""

    def end(self, farewell: bytes = b"") -> None:
        """Ask the follower's loop to end, after a last word."""
        self.ended = True
        self._fall_behind()

    def _fall_behind(self) -> None:
        self.live = False
        self.woken.set()

"""The hub: mailbox → followers on this replica."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.notifier.domain import MessagePosition
from services.notifier.storage.entries import Recipient
from services.notifier.streams.follower import Follower
from shared import failpoints
from shared.logs import get_logger

log = get_logger(__name__)

# Then the loop serves others. So many take 3 ms: with 10,000 streams all at once would take 100.
WRITES_PER_TURN = 250
OFFERS_PER_TURN = 2500


@dataclass(frozen=True, slots=True)
class Push:
    """One event's entries, encoded once. `recipients` None: it was stored before, so `audience`
    only needs to look whether anything is missing."""

    body: bytes
    message: MessagePosition | None
    audience: Sequence[str]
    recipients: Sequence[Recipient] | None


class Hub:
    """Hands pushes to the followers of each mailbox. A push is a hint: who misses one finds out at
    its next frame or heartbeat, and reads."""

    def __init__(self) -> None:
        self._followers: dict[str, list[Follower]] = {}
        self._waiting: deque[Push] = deque()
        # In the order in which they were offered something: a set's would jump about in memory.
        self._dirty: dict[Follower, None] = {}
        self._flushing = False
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    def register(self, follower: Follower) -> None:
        self._followers.setdefault(follower.user_id, []).append(follower)

    def unregister(self, follower: Follower) -> None:
        # By identity: an old stream's end must not take its successor off the list.
        remaining = [f for f in self._followers.get(follower.user_id, ()) if f is not follower]
        if remaining:
            self._followers[follower.user_id] = remaining
        else:
            self._followers.pop(follower.user_id, None)
        self._dirty.pop(follower, None)

    def __iter__(self) -> Iterator[Follower]:
        """A snapshot of all followers."""
        return iter([f for followers in self._followers.values() for f in followers])

    def of_user(self, user_id: str) -> Sequence[Follower]:
        return self._followers.get(user_id, ())

    def push(self, pushes: Iterable[Push]) -> None:
        """Offer each entry to the streams of its owner, in order, and have them written.

        Idle, that is at once. What comes during a flush, or in the same turn of the loop, shares
        the next: joining five frames costs a fifth of the CPU of writing them one by one.
        """
        self._waiting.extend(pushes)
        if self._waiting and not self._flushing:
            self._flushing = True
            self._turn(self._flush())

    async def at_rest(self) -> None:
        """Return at once, unless a flush takes several turns: then when it has ended. Who pushes
        more than can be written waits here."""
        await self._at_rest.wait()

    def nudge(self, user_ids: Iterable[str]) -> None:
        """Have these users' followers look for what they may have missed."""
        for user_id in user_ids:
            for follower in self._followers.get(user_id, ()):
                follower.look()

    def _turn(self, flush: Iterator[None]) -> None:
        goes_on = False
        try:
            for _ in flush:
                goes_on = True
                break
        finally:
            loop = asyncio.get_running_loop()
            if goes_on:
                self._at_rest.clear()
                loop.call_soon(self._turn, flush)
            else:
                self._at_rest.set()
                loop.call_soon(self._flushed)

    def _flushed(self) -> None:
        self._flushing = False
        self.push(())

    def _flush(self) -> Iterator[None]:
        """Offer what waits, and write it; pauses where others may have their turn."""
        yield from self._offer()
        dirty, self._dirty = tuple(self._dirty), {}
        for count, follower in enumerate(dirty, start=1):
            follower.flush()
            failpoints.passed("push.written")
            if count % WRITES_PER_TURN == 0:
                yield

    def _offer(self) -> Iterator[None]:
        followers_of, dirty, count = self._followers.get, self._dirty, 0
        while self._waiting:
            push = self._waiting.popleft()
            if push.recipients is None:
                self.nudge(push.audience)
                continue
            for recipient in push.recipients:
                for follower in followers_of(recipient.user_id, ()):
                    follower.offer(recipient.seq, recipient.is_read, push.body, push.message)
                    dirty[follower] = None
            count += len(push.recipients)
            if count >= OFFERS_PER_TURN:
                count = 0
                yield

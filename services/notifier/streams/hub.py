"""The hub: mailbox → followers on this replica."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.notifier.domain import MessagePosition
from services.notifier.storage.entries import Recipient
from services.notifier.streams.follower import Follower
from shared import failpoints
from shared.logs import get_logger

log = get_logger(__name__)

# Idle, a push is written at once. When the last flush is younger than this, frames gather until
# the window ends: joining five frames costs a fifth of the CPU of writing them one by one.
FLUSH_WINDOW_SECONDS = 0.003


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
        self._dirty: set[Follower] = set()
        self._flushed_at = 0.0
        self._flush_planned = False

    def register(self, follower: Follower) -> None:
        self._followers.setdefault(follower.user_id, []).append(follower)

    def unregister(self, follower: Follower) -> None:
        # By identity: an old stream's end must not take its successor off the list.
        remaining = [f for f in self._followers.get(follower.user_id, ()) if f is not follower]
        if remaining:
            self._followers[follower.user_id] = remaining
        else:
            self._followers.pop(follower.user_id, None)
        self._dirty.discard(follower)

    def __iter__(self) -> Iterator[Follower]:
        """A snapshot of all followers."""
        return iter([f for followers in self._followers.values() for f in followers])

    def of_user(self, user_id: str) -> Sequence[Follower]:
        return self._followers.get(user_id, ())

    def push(self, pushes: Iterable[Push]) -> None:
        """Offer each entry to the streams of its owner, in order, and have them written."""
        for push in pushes:
            if push.recipients is None:
                self.nudge(push.audience)
                continue
            for recipient in push.recipients:
                followers = self._followers.get(recipient.user_id)
                if followers is None:
                    continue
                for follower in followers:
                    follower.offer(recipient.seq, recipient.is_read, push.body, push.message)
                    self._dirty.add(follower)
        self._flush_soon()

    def nudge(self, user_ids: Iterable[str]) -> None:
        """Have these users' followers look for what they may have missed."""
        for user_id in user_ids:
            for follower in self._followers.get(user_id, ()):
                follower.look()

    def _flush_soon(self) -> None:
        if not self._dirty or self._flush_planned:
            return
        loop = asyncio.get_running_loop()
        wait = self._flushed_at + FLUSH_WINDOW_SECONDS - loop.time()
        if wait <= 0:
            self._flush()
        else:
            self._flush_planned = True
            loop.call_later(wait, self._flush)

    def _flush(self) -> None:
        self._flush_planned = False
        dirty, self._dirty = self._dirty, set()
        for follower in dirty:
            follower.flush()
            failpoints.passed("push.written")
        self._flushed_at = asyncio.get_running_loop().time()

"""Frames that are waited for: from the commit of their entry until they are on the way.

Of what is committed, one entry at a time is followed to its frame, for the histogram; and, where
traces are recorded, the first recipients of each event that belongs to one.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.notifier.metrics import PUSH_LATENCY
from services.notifier.storage.entries import Recipient
from services.notifier.streams.connection import Connection
from services.notifier.streams.hub import Hub
from shared import telemetry
from shared.trace_context import is_sampled

# Looked at for one who listens here: in a large group most may be elsewhere.
TRIES = 4
# Whoever was not written to by then has left, or is behind and reads from the table.
GIVEN_UP_SECONDS = 10.0
# Frames of one event that a trace shows.
FRAMES_OF_A_TRACE = 5


@dataclass(frozen=True, slots=True)
class _Frame:
    seq: int
    committed_at: float
    # Of the sample: where it was stored. Of a trace: the trace.
    stored: str = ""
    traceparent: str | None = None


class Awaited:
    """`users` are those for whom a frame is awaited: a stream that was written to looks there."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.users: dict[str, list[_Frame]] = {}
        self._sample: _Frame | None = None
        self._forget_at = 0.0

    def committed(
        self, recipients: Sequence[Recipient], at: float, stored: str, traceparent: str | None
    ) -> None:
        """These entries were committed at `at`, in epoch seconds; their event belongs to this
        trace, in which their frames shall show."""
        if at >= self._forget_at:
            self._forget(at)
        if self._sample is None and recipients:
            self._take_sample(recipients, at, stored)
        if traceparent is not None and telemetry.is_on() and is_sampled(traceparent):
            listening = [r for r in recipients if self._listens(r.user_id)]
            for recipient in listening[:FRAMES_OF_A_TRACE]:
                self._await(recipient, _Frame(recipient.seq, at, traceparent=traceparent))

    def _take_sample(self, recipients: Sequence[Recipient], at: float, stored: str) -> None:
        """One at a time: a second would tell the same of the same flush."""
        for recipient in random.choices(recipients, k=TRIES):  # noqa: S311 - a sample, no secret
            if self._listens(recipient.user_id):
                self._sample = _Frame(recipient.seq, at, stored=stored)
                self._await(recipient, self._sample)
                return

    def written(self, user_id: str, seq: int, stream_id: UUID | None) -> None:
        """A stream of `user_id` was written to, up to `seq`."""
        now = time.time()
        waiting = self.users.pop(user_id)
        if still := [frame for frame in waiting if frame.seq > seq]:
            self.users[user_id] = still
        for frame in waiting:
            if frame.seq <= seq:
                self._arrived(frame, now, stream_id)

    def _arrived(self, frame: _Frame, now: float, stream_id: UUID | None) -> None:
        if frame is self._sample:
            self._sample = None
            # Clocks of two machines may differ by more than a push takes.
            PUSH_LATENCY.labels(frame.stored).observe(max(0.0, now - frame.committed_at))
        telemetry.record_span(
            "push to a stream",
            frame.traceparent,
            frame.committed_at,
            now,
            attributes={"stream.id": str(stream_id)},
        )

    def _listens(self, user_id: str) -> bool:
        """Whether a stream of theirs is here. Who polls is given nothing as it is pushed."""
        return any(isinstance(f, Connection) for f in self._hub.of_user(user_id))

    def _await(self, recipient: Recipient, frame: _Frame) -> None:
        self.users.setdefault(recipient.user_id, []).append(frame)

    def _forget(self, now: float) -> None:
        self._forget_at = now + GIVEN_UP_SECONDS
        limit = now - GIVEN_UP_SECONDS
        for user_id, frames in list(self.users.items()):
            if still := [frame for frame in frames if frame.committed_at > limit]:
                self.users[user_id] = still
            else:
                del self.users[user_id]
        if self._sample is not None and self._sample.committed_at <= limit:
            self._sample = None

"""How far chat's copy of the memberships is behind."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

TOLERATED_SECONDS = 5.0
# The broker hands over at once what waits: so long without a batch, nothing does.
QUIET_SECONDS = 2.0


class CopyLag:
    """Judged by the age of the events being handled, and by how long their handling takes.

    A backlog is over when its last batch is done; its events' age says nothing after that.
    """

    def __init__(self) -> None:
        self._started: float | None = None
        self._finished = 0.0
        self._age = 0.0

    @contextmanager
    def handling(self, oldest: datetime) -> Iterator[None]:
        """A batch is being handled whose first event happened at `oldest`."""
        self._started = time.monotonic()
        self._age = (datetime.now(UTC) - oldest).total_seconds()
        try:
            yield
        finally:
            self._started = None
            self._finished = time.monotonic()

    def seconds(self, now: float) -> float:
        """How far behind the copy is, at the monotonic time `now`; 0 when it follows."""
        if self._started is not None:
            return max(0.0, self._age) + now - self._started
        return max(0.0, self._age) if now - self._finished < QUIET_SECONDS else 0.0

    def reason(self, now: float) -> str | None:
        """Why the copy can't be trusted, if it can't."""
        behind = self.seconds(now)
        return f"{behind:.0f} s behind groups" if behind > TOLERATED_SECONDS else None

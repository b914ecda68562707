"""Saying that a batch takes long and what it waits for, while it does: what is handled together is
pushed together, so that one lock that somebody holds makes everybody of the batch late."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from shared.logs import get_logger

log = get_logger(__name__)

# Longer than a lock is waited for at a time (`shared.postgres.pool`): the first line names it.
SLOW_SECONDS = 5.0
AGAIN_SECONDS = 15.0

HANDLER, STREAMS, BROKER = "the handler", "the streams", "the broker"


class Patience:
    """With one batch of so many `events` of a queue. `waits_for` is what holds it up now, in words
    that quote nothing of an event."""

    def __init__(self, queue: str, events: int) -> None:
        self.waits_for = HANDLER
        self._queue = queue
        self._events = events
        self._began = time.monotonic()
        self._was_told = False
        self._timer = asyncio.get_running_loop().call_later(SLOW_SECONDS, self._tell)

    @contextmanager
    def watching(self) -> Iterator["Patience"]:
        """Log it when the block takes long, again and again, and once it has ended well."""
        try:
            yield self
        finally:
            self._timer.cancel()
        if self._was_told:
            log.info("batch waits no more", **self._batch())

    def _tell(self) -> None:
        self._was_told = True
        log.warning("batch waits", waits_for=self.waits_for, **self._batch())
        self._timer = asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._tell)

    def _batch(self) -> dict[str, object]:
        seconds = round(time.monotonic() - self._began, 1)
        return {"queue": self._queue, "events": self._events, "seconds": seconds}

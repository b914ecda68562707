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
    """With a queue's batches, one at a time. `waits_for` is what holds up the present one, in words
    that quote nothing of an event."""

    def __init__(self, queue: str) -> None:
        self.waits_for = BROKER
        self._queue = queue

    @contextmanager
    def watching(self, events: int) -> Iterator[None]:
        """Log it when the block, with a batch of so many events, takes long: again and again, and
        once it has ended well."""
        began, was_told = time.monotonic(), False
        later = asyncio.get_running_loop().call_later
        timer = later(SLOW_SECONDS, lambda: tell())

        def batch() -> dict[str, object]:
            seconds = round(time.monotonic() - began, 1)
            return {"queue": self._queue, "events": events, "seconds": seconds}

        def tell() -> None:
            nonlocal timer, was_told
            was_told = True
            log.warning("batch waits", waits_for=self.waits_for, **batch())
            timer = later(AGAIN_SECONDS, tell)

        try:
            yield
        finally:
            timer.cancel()
        if was_told:
            log.info("batch waits no more", **batch())

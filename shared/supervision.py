"""Long-lived tasks that come back by themselves, and a health that knows when they have not."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from shared.logs import get_logger
from shared.metrics import PART_READY

log = get_logger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
# Longer than a task needs to close its connections, which a second request would cut short.
CANCEL_AGAIN_SECONDS = 3.0
# A run that lasted this long was healthy: its end starts the back-off anew.
HEALTHY_SECONDS = 10.0


class Health:
    """Why this process is not ready, by part; empty means ready."""

    def __init__(self) -> None:
        self._missing: dict[str, str] = {}

    def down(self, part: str, reason: str) -> None:
        self._missing[part] = reason
        PART_READY.labels(part).set(0)

    def up(self, part: str) -> None:
        self._missing.pop(part, None)
        PART_READY.labels(part).set(1)

    @property
    def missing(self) -> dict[str, str]:
        return dict(self._missing)


async def keep_running(part: str, run: Callable[[], Awaitable[None]], health: Health) -> None:
    """Run `run` for ever: when it fails or ends, wait with jittered back-off and run it again.

    `run` calls `health.up(part)` once it works. A normal end counts as a failure: a consumer whose
    iterator ends quietly would otherwise leave its queue unread with nobody noticing.
    """
    pause = FIRST_PAUSE
    while True:
        started = time.monotonic()
        try:
            await run()
            reason = "ended"
        except Exception as failure:
            error = _first_cause(failure)
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        if time.monotonic() - started > HEALTHY_SECONDS:
            pause = FIRST_PAUSE
        health.down(part, reason)
        log.warning("restarting", part=part, reason=reason, pause=round(pause, 2))
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
        pause = min(pause * 2, LONGEST_PAUSE)


def _first_cause(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


@asynccontextmanager
async def running(
    part: str, run: Callable[[], Awaitable[None]], health: Health
) -> AsyncIterator[None]:
    """Keep `run` running while the block lasts; it counts as missing until it says it is up."""
    health.down(part, "starting")
    task = asyncio.create_task(keep_running(part, run, health), name=part)
    try:
        yield
    finally:
        # Before Python 3.12 asyncio.wait_for, which the drivers use, loses a cancellation that
        # comes just as what it waits for is done: asked once, the task could run on for ever.
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=CANCEL_AGAIN_SECONDS)

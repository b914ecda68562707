"""How long the event loop keeps what is due waiting: a stall holds up every stream at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.metrics import LOOP_LAG

# A hundred looks a second cost less than a thousandth of a core; no longer stall stays unseen.
LOOK_EVERY_SECONDS = 0.01


@asynccontextmanager
async def watched_loop() -> AsyncIterator[None]:
    """Measure this loop's lag into `circles_loop_lag_seconds` for the length of the block."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    planned: asyncio.TimerHandle

    def look() -> None:
        nonlocal due, planned
        LOOP_LAG.observe(max(0.0, loop.time() - due))
        due = loop.time() + LOOK_EVERY_SECONDS
        planned = loop.call_at(due, look)

    planned = loop.call_at(due, look)
    try:
        yield
    finally:
        planned.cancel()

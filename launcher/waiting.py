"""Waiting for other processes: they set no event of ours, so that asking again is all there is."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(true: Callable[[], Awaitable[bool]], pause: float = 0.05) -> None:
    """Return once `true` answers yes; bound it with `asyncio.timeout`."""
    while not await true():  # noqa: ASYNC110
        await asyncio.sleep(pause)

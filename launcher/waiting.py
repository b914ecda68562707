"""Waiting: for other processes, which set no event of ours, and for several things at once."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(true: Callable[[], Awaitable[bool]], pause: float = 0.05) -> None:
    """Return once `true` answers yes; bound it with `asyncio.timeout`."""
    while not await true():  # noqa: ASYNC110
        await asyncio.sleep(pause)


async def together(*works: Awaitable[object]) -> None:
    """Do all at once. The first failure ends the others and is raised as it is, not in a group."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

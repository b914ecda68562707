"""Systems that keep what they tell: each prepared, loaded and measured in the same way."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from bench.generator import Generator
from launcher.waiting import until


class System(Protocol):
    """A running system whose messages are stored before they are told."""

    @property
    def name(self) -> str: ...

    @property
    def largest(self) -> int:
        """The largest group that it is measured with."""

    @property
    def pace(self) -> float:
        """The rate to begin with, as a share of what is usual: far too much would take minutes to
        work off."""

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU so far, by part; everything that works for it."""

    async def gather(self, generator: Generator, groups: int, size: int) -> None:
        """Make groups of new people, open a stream for each of them, and say who posts."""

    async def settled(self) -> None:
        """Return once nothing is left to be done for what was posted."""

    async def vacuum(self) -> None:
        """Rows left behind must not slow down the next workload."""


def spent(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Seconds of CPU between two looks, by part."""
    return {part: after[part] - before[part] for part in after}


def shares(used: dict[str, float]) -> str:
    """Each part's share of the CPU, in percent."""
    total = sum(used.values()) or 1.0
    return ", ".join(f"{part.removesuffix('-1')} {100 * s / total:.0f}" for part, s in used.items())


async def at_rest(cpu: Callable[[], float], share: float) -> None:
    """Return once the CPU seconds of `cpu` grow by less than `share` of a core: whoever stores
    before telling has nothing left to do then. After a minute, return anyway."""
    last = cpu()

    async def idle() -> bool:
        nonlocal last
        before, last = last, cpu()
        return last - before < share * _PAUSE

    with suppress(TimeoutError):
        async with asyncio.timeout(60.0):
            await asyncio.sleep(_PAUSE)
            await until(idle, pause=_PAUSE)


_PAUSE = 0.5

"""How much memory processes hold, sampled while something happens to them. In megabytes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.1


@dataclass
class Memory:
    """Of the largest of some processes: at the beginning, and the most since."""

    before: float
    most: float

    @property
    def grown(self) -> float:
        return self.most - self.before


@asynccontextmanager
async def sampled(pids: Callable[[], Sequence[int]]) -> AsyncIterator[Memory]:
    """Sample for the length of the block; `pids` is asked each time, since processes end and are
    started again."""
    memory = Memory(_largest(pids()), 0.0)

    async def sample() -> None:
        while True:
            memory.most = max(memory.most, _largest(pids()))
            await asyncio.sleep(SAMPLE_SECONDS)

    sampling = asyncio.create_task(sample())
    try:
        yield memory
    finally:
        sampling.cancel()


def _largest(pids: Sequence[int]) -> float:
    return max(map(_resident, pids), default=0.0)


def _resident(pid: int) -> float:
    """0 for a process that is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    _, _, rest = status.partition("VmRSS:")
    return int(rest.split()[0]) / 1024 if rest else 0.0

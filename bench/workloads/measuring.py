"""One measurement of a system that stores, and the cells that stand for several."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.context import Context
from bench.figures import Histogram, median
from bench.gate import Run
from bench.generator import Generator
from bench.section import Cell
from bench.systems import System, shares, spent

SETTLE_SECONDS = 15.0


@dataclass(frozen=True)
class Measured:
    """One measurement: a run, how long messages were posted, and the CPU used, by part."""

    run: Run
    seconds: float
    used: dict[str, float]

    @property
    def per_message(self) -> float:
        """Seconds of CPU for each message, to all whom it is for: the same unit in every system,
        whether senders are told of their own or not."""
        return sum(self.used.values()) / self.run.accepted

    @property
    def microseconds(self) -> float:
        """CPU for each notification."""
        return sum(self.used.values()) / self.run.received * 1e6


async def measure(
    context: Context,
    system: System,
    generator: Generator,
    rate: float,
    seconds: float | None = None,
) -> Measured:
    """Post at `rate`, for 5 s or as told; what is done afterwards for these messages belongs to
    their cost."""
    seconds = seconds or context.pick(5.0, 1.5)
    before = system.cpu()
    run = await generator.paced(rate, seconds, SETTLE_SECONDS)
    await system.settled()
    return Measured(run, seconds, spent(before, system.cpu()))


def cells(found: Sequence[Measured]) -> list[Cell]:
    frames, answers, used = Histogram(), Histogram(), dict[str, float]()
    for one in found:
        frames, answers = frames + one.run.frames, answers + one.run.answers
        used = {part: used.get(part, 0.0) + seconds for part, seconds in one.used.items()}
    accepted = sum(one.run.accepted for one in found)
    return [
        round(median([one.run.accepted / one.seconds for one in found]), 1),
        round(median([one.run.received / one.seconds for one in found])),
        *percentiles(frames),
        round(answers.percentile(0.5), 2) if answers.total else None,
        round(sum(used.values()) / accepted * 1e3, 2),
        round(median([one.microseconds for one in found]), 1),
        shares(used),
    ]


def percentiles(times: Histogram) -> list[Cell]:
    """p50, p99 and p99.9 in ms; a percentile of too few samples says nothing."""
    return [
        round(times.percentile(share), 2) if times.total * (1 - share) >= 10 else None
        for share in (0.5, 0.99, 0.999)
    ]

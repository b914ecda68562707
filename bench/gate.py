"""What voids a run: a figure that was reached by losing something is no figure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.figures import Histogram


@dataclass
class Run:
    """What the load generator counted. `seconds` is from the first message to the last frame,
    `behind` from the last message due to the last frame."""

    posted: int
    accepted: int
    refused: int
    expected: int
    received: int
    lost: int
    doubled: int
    reordered: int
    gaps: int
    strays: int
    closed: int
    disagreeing: int
    seconds: float
    behind: float
    frames: Histogram = field(default_factory=Histogram)
    answers: Histogram = field(default_factory=Histogram)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Run":
        times = {name: Histogram.of(said[name]) for name in ("frames", "answers")}
        return cls(**{**said, **times})

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.received / self.seconds if self.seconds else 0.0


_VOID = {
    "refused": "calls refused",
    "lost": "frames lost",
    "doubled": "frames doubled",
    "reordered": "frames out of order",
    "gaps": "gaps in mailboxes",
    "closed": "streams closed",
    "disagreeing": "readers that saw another order",
}


def faults(run: Run) -> list[str]:
    """Why `run` does not count; empty when it does."""
    found = [f"{getattr(run, name)} {what}" for name, what in _VOID.items() if getattr(run, name)]
    if not run.received:
        found.append("nothing was received")
    if run.posted != run.accepted + run.refused:
        found.append(f"{run.posted - run.accepted - run.refused} calls unanswered")
    return found


def is_held(run: Run, within_seconds: float) -> bool:
    """Whether a paced run kept up: nothing is wrong with it, and its last frame came within
    `within_seconds` of the last message."""
    return not faults(run) and run.behind <= within_seconds

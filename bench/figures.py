"""Percentiles and ratios. Percentiles are never averaged: histograms are added up instead."""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass
class Histogram:
    """Times in the load generator's buckets: 64 for each doubling of nanoseconds, within 1.6 %."""

    counts: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, pairs: Iterable[Sequence[int]]) -> "Histogram":
        return cls(Counter({pair[0]: pair[1] for pair in pairs}))

    def __add__(self, other: "Histogram") -> "Histogram":
        return Histogram(self.counts + other.counts)

    @property
    def total(self) -> int:
        return self.counts.total()

    def percentile(self, share: float) -> float:
        """The time in milliseconds that `share` (0 to 1) of all stay within; 0.0 for none at all.

        The upper end of its bucket: never better than it was.
        """
        wanted, seen = share * self.total, 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted and seen:
                return _upper_ns(bucket) / 1e6
        return 0.0


def _upper_ns(bucket: int) -> float:
    doublings, part = divmod(bucket, 64)
    return float((64 + part + 1) << doublings) / 64


@dataclass(frozen=True)
class Ratio:
    """How many times one is the other: the median over pairs of runs, and the spread."""

    median: float
    low: float
    high: float
    pairs: int

    def __str__(self) -> str:
        if self.pairs == 1:
            return _short(self.median)
        return f"{_short(self.median)} ({_short(self.low)}–{_short(self.high)})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio | None:
    """Of runs that took turns: each of ours against its neighbour. None without a pair, as when
    runs were void."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=False) if a and b]
    if not ratios:
        return None
    return Ratio(statistics.median(ratios), min(ratios), max(ratios), len(ratios))


def figure(values: Sequence[float]) -> Ratio | None:
    """A figure that stands for itself and has an aim in its own unit. None when runs were void."""
    return ratio(values, [1.0] * len(values))


def median(values: Sequence[float]) -> float:
    """0.0 for none at all: every run was void."""
    return statistics.median(values) if values else 0.0

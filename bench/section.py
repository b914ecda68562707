"""What a workload hands to the report."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.figures import Ratio

Cell = str | float | int | None


@dataclass(frozen=True)
class Headline:
    """A ratio, or a figure in the unit that `what` names, and what it should be at least (`≥`) or
    at most (`≤`), where there is an aim. The `main` ones and those with an aim stand at the top of
    the page."""

    what: str
    ratio: Ratio
    aim: str = ""
    main: bool = False

    @property
    def is_met(self) -> bool | None:
        """Whether the median is where it should be; None without an aim."""
        if not self.aim:
            return None
        wanted = float(self.aim[1:].replace(",", ""))
        return self.ratio.median >= wanted if self.aim[0] == "≥" else self.ratio.median <= wanted


@dataclass(frozen=True)
class Bars:
    """A picture: one bar for each label."""

    title: str
    unit: str
    values: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Curve:
    """A picture: how a cost grows with something, which is drawn by its logarithm."""

    title: str
    unit: str
    along: str
    points: Sequence[tuple[float, float]]


@dataclass
class Section:
    """`name` is the workload's, `words` say what was done. A void run is told, not counted."""

    name: str
    title: str
    words: str
    columns: Sequence[str]
    rows: list[list[Cell]] = field(default_factory=list)
    headlines: list[Headline] = field(default_factory=list)
    bars: list[Bars] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    void: list[str] = field(default_factory=list)

    def add_headline(
        self, what: str, ratio: Ratio | None, aim: str = "", *, main: bool = False
    ) -> None:
        """Nothing to say where runs were void or a peer was skipped."""
        if ratio is not None:
            self.headlines.append(Headline(what, ratio, aim, main or bool(aim)))

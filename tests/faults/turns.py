"""How long a run goes on, and how far it is."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from launcher.errors import LaunchError
from tests.faults.scene import Scenario


@dataclass(frozen=True)
class Turns:
    """Every scenario `runs` times; or, with `minutes`, in random order until the time is over.

    Raises LaunchError when that says nothing, or both.
    """

    runs: int = 1
    minutes: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if self.runs < 1 or self.minutes < 0:
            raise LaunchError("RUNS is 1 or more, and MINUTES above 0")
        if self.runs > 1 and self.minutes:
            raise LaunchError("RUNS says how often and MINUTES how long: choose one of them")

    def of(self, scenarios: Sequence[Scenario], share: float) -> Iterator[tuple[Scenario, str]]:
        """Each with how far the run is then, empty in a short one. Whole passes, one after the
        other: a scenario meets what all the others left behind. `share` is the part of the
        minutes that is for these."""
        if not self.minutes:
            for run in range(1, self.runs + 1):
                how_far = f"run {run} of {self.runs}" if self.runs > 1 else ""
                yield from ((scenario, how_far) for scenario in scenarios)
            return
        end = time.monotonic() + self.minutes * 60 * share
        while time.monotonic() < end:
            for scenario in random.sample(scenarios, len(scenarios)):
                if time.monotonic() < end:
                    yield scenario, self._of_minutes()

    def _of_minutes(self) -> str:
        return f"{(time.monotonic() - self.began) / 60:.0f} of {self.minutes:g} min"

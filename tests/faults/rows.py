"""All runs of a scenario in one row: what was counted is added up, and of what took its time the
worst stands."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.reconcile import Reckoning
from tests.faults.runner import Result


@dataclass(frozen=True)
class Row:
    """`results` are the runs of one scenario, in their order: at least one. Times in seconds."""

    results: Sequence[Result]

    @property
    def name(self) -> str:
        return self.results[0].name

    @property
    def story(self) -> str:
        return self.results[0].story

    @property
    def target(self) -> float:
        return self.results[0].target

    @property
    def runs(self) -> int:
        return len(self.results)

    @property
    def reckoning(self) -> Reckoning:
        """The figures of all runs added up, with what they found in words."""
        total = Reckoning()
        for made in (result.reckoning for result in self.results):
            total.attempts += made.attempts
            total.acknowledged += made.acknowledged
            total.messages += made.messages
            total.entries += made.entries
            total.received += made.received
            total.lost += made.lost
            total.duplicated += made.duplicated
            total.out_of_order += made.out_of_order
            total.gaps += made.gaps
            total.resets += made.resets
            total.violations += made.violations
        return total

    @property
    def bite(self) -> str:
        """From the run that bit least to the one that bit most: not every figure can be added up,
        and each must be above 0 in each run."""
        kinds = dict.fromkeys(what for result in self.results for what in result.bite)
        counts = {what: [result.bite.get(what, 0) for result in self.results] for what in kinds}
        told = (f"{what}: {_from_to(min(n), max(n))}" for what, n in counts.items())
        return ", ".join(told) or "not at all"

    @property
    def noticed_after(self) -> float | None:
        """None when nobody noticed in any run."""
        noticed = [r.noticed_after for r in self.results if r.noticed_after is not None]
        return max(noticed, default=None)

    @property
    def recovered_after(self) -> float:
        return max(result.recovered_after for result in self.results)

    @property
    def peak_megabytes(self) -> float:
        return max(result.peak_megabytes for result in self.results)

    @property
    def gateway_megabytes(self) -> float:
        return max(result.gateway_megabytes for result in self.results)

    @property
    def load(self) -> float:
        return max(result.load for result in self.results)

    @property
    def violations(self) -> Sequence[str]:
        """What was broken; of several runs, in which."""
        return [
            violation if self.runs == 1 else f"run {number}: {violation}"
            for number, result in enumerate(self.results, start=1)
            for violation in result.violations
        ]

    @property
    def slowest(self) -> Result:
        """The run that took longest to recover."""
        return max(self.results, key=lambda result: result.recovered_after)


def rows_of(results: Sequence[Result]) -> list[Row]:
    """A row for each scenario, in the order in which they were first run."""
    by_name = defaultdict(list)
    for result in results:
        by_name[result.name].append(result)
    return [Row(runs) for runs in by_name.values()]


def counted(rows: Sequence[Row]) -> str:
    """How much was run, in words."""
    runs = sum(row.runs for row in rows)
    scenarios = f"{len(rows)} scenarios"
    return f"{runs} runs of {scenarios}" if runs > len(rows) else scenarios


def _from_to(least: int, most: int) -> str:
    return f"{least}" if least == most else f"{least} to {most}"

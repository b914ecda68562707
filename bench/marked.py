"""The parts of hand-written pages that are made from the results."""

from dataclasses import dataclass

from launcher.paths import ROOT

# Of the last whole run.
RESULTS = ROOT / "docs" / "benchmarks" / "results.json"


@dataclass(frozen=True)
class Part:
    """What stands between two marks of a page."""

    begin: str
    end: str

    def updated(self, page: str, made: str) -> str:
        """`page` with `made` between its marks. Raises ValueError for a page without them."""
        before, begin, rest = page.partition(self.begin)
        _, end, after = rest.partition(self.end)
        if not (begin and end):
            raise ValueError(f"The page needs the lines {self.begin} and {self.end}.")
        return f"{before}{begin}\n\n{made}\n\n{end}{after}"

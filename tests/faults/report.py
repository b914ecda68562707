"""What a run showed: lines and a table for people, JSON for programs, pages and pictures."""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from launcher.paths import ROOT, STATE, shown
from launcher.progress import Progress
from tests.faults.runner import Result

_COLUMNS = (
    "scenario",
    "bit",
    "attempts",
    "acknowledged",
    "entries",
    "received",
    "lost",
    "doubled",
    "disordered",
    "gaps",
    "resets",
    "noticed, s",
    "recovered, s",
    "target, s",
    "peak, MB",
)


def tell(progress: Progress, result: Result) -> None:
    """One line for a scenario that kept its promises, and one for each that it broke."""
    if not result.violations:
        progress.console.print(f"  [green]✓[/] {result.name} [dim]{result.seconds} s[/]")
        return
    progress.console.print(f"  [red]✗[/] {result.name} [dim]{result.seconds} s[/]")
    for violation in result.violations:
        progress.say(f"      {violation}")


def cells(result: Result) -> list[str]:
    made = result.reckoning
    noticed = "–" if result.noticed_after is None else f"{result.noticed_after:.1f}"
    return [
        result.name,
        ", ".join(f"{count} {what}" for what, count in result.bite.items()) or "nothing",
        *(str(n) for n in (made.attempts, made.acknowledged, made.entries, made.received)),
        *(str(n) for n in (made.lost, made.duplicated, made.out_of_order, made.gaps, made.resets)),
        noticed,
        f"{result.recovered_after:.1f}",
        f"{result.target:g}",
        f"{result.peak_megabytes:.0f}",
    ]


def print_table(progress: Progress, results: Sequence[Result]) -> None:
    """Narrow enough for a terminal; the report has the rest."""
    table = Table("scenario", "bit", "entries", "broken", "noticed", "recovered", "target")
    for result in results:
        row = dict(zip(_COLUMNS, cells(result), strict=True))
        made = result.reckoning
        broken = made.lost + made.duplicated + made.out_of_order + made.gaps
        table.add_row(
            *(row["scenario"], row["bit"], row["entries"], str(broken)),
            *(row["noticed, s"], row["recovered, s"], row["target, s"]),
            style="red" if result.violations else "",
        )
    progress.console.print(table)


def write_report(results: Sequence[Result], whole: bool, seconds: float) -> str:
    """Under docs for a run of everything, else under the state folder; where it is."""
    folder = (ROOT / "docs" if whole else STATE / "faults") / "reliability"
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        "machine": machine(),
        "seconds": round(seconds),
        "scenarios": [result.as_json() for result in results],
    }
    path = folder / "results.json"
    path.write_text(json.dumps(data, indent=1) + "\n")
    return shown(path)


def machine() -> str:
    python = sys.version.split()[0]
    return f"{os.cpu_count()} cores, Python {python}, {time.strftime('%Y-%m-%d')}"


def _folder(whole: bool) -> Path:
    return (ROOT / "docs" if whole else STATE / "faults") / "reliability"

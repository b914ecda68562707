"""What a run showed: lines and a table for people, JSON for programs, a page and its pictures."""

import json
import os
import sys
import time
from collections.abc import Sequence

from rich.table import Table

from launcher.paths import ROOT, STATE, shown
from launcher.progress import Progress
from tests.faults import pictures
from tests.faults.page import PAGE
from tests.faults.runner import Result

# The scenarios that a picture of the throughput says most about.
_SHOWN = ("kill-notifier", "freeze-notifier", "kill-broker", "restart-postgres", "memory-alarm")
_COLUMNS = (
    *("scenario", "what breaks", "how it bit", "attempts", "acknowledged", "entries", "received"),
    *("lost", "doubled", "out of order", "gaps", "resets"),
    *("noticed after, s", "recovered after, s", "target, s", "peak memory, MB", "load"),
)


def tell(progress: Progress, result: Result) -> None:
    """One line for a scenario, and one for each promise that it broke."""
    mark = "[red]✗[/]" if result.violations else "[green]✓[/]"
    took = f"{result.seconds} s, {result.recovered_after:.1f} s to recover"
    progress.console.print(f"  {mark} {result.name} [dim]{took}[/]")
    for violation in result.violations:
        progress.say(f"      {violation}")


def _cells(result: Result) -> list[str]:
    made = result.reckoning
    noticed = "–" if result.noticed_after is None else f"{result.noticed_after:.1f}"
    return [
        *(result.name, result.story),
        ", ".join(f"{what}: {count}" for what, count in result.bite.items()) or "not at all",
        *(str(n) for n in (made.attempts, made.acknowledged, made.entries, made.received)),
        *(str(n) for n in (made.lost, made.duplicated, made.out_of_order, made.gaps, made.resets)),
        *(noticed, f"{result.recovered_after:.1f}", f"{result.target:g}"),
        *(f"{result.peak_megabytes:.0f}", f"{result.load:.0f}"),
    ]


def print_table(progress: Progress, results: Sequence[Result]) -> None:
    """Narrow enough for a terminal; the report has the rest."""
    table = Table("scenario", "how it bit", "entries", "broken", "recovered, s")
    for result in results:
        row = dict(zip(_COLUMNS, _cells(result), strict=True))
        made = result.reckoning
        broken = made.lost + made.duplicated + made.out_of_order + made.gaps
        table.add_row(
            *(row["scenario"], row["how it bit"], row["entries"], str(broken)),
            f"{row['recovered after, s']} of {row['target, s']}",
            style="red" if result.violations else "",
        )
    progress.console.print(table)


def write_report(
    results: Sequence[Result], whole: bool, seconds: float, left_out: Sequence[str] = ()
) -> str:
    """Under docs for a run of everything, else under the state folder; the address of its page.
    `left_out` names what could not run on this machine."""
    home = ROOT / "docs" if whole else STATE / "faults"
    folder = home / "reliability"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(_json(results, seconds, left_out))
    (folder / "recovery.svg").write_text(pictures.recovery(results))
    strips = [result for result in results if result.name in _SHOWN]
    (folder / "throughput.svg").write_text(pictures.throughput(strips))
    page = home / "reliability.md"
    page.write_text(_page(results, seconds, left_out))
    return shown(page)


def _json(results: Sequence[Result], seconds: float, left_out: Sequence[str]) -> str:
    """A line for each scenario, so that two runs can be compared line by line."""
    about = {"machine": _machine(), "seconds": round(seconds), "left_out": list(left_out)}
    lines = ",\n".join(json.dumps(r.as_json(), ensure_ascii=False) for r in results)
    return f'{json.dumps(about)[:-1]}, "scenarios": [\n{lines}\n]}}\n'


def _page(results: Sequence[Result], seconds: float, left_out: Sequence[str]) -> str:
    rows = [_COLUMNS, ["---"] * len(_COLUMNS), *(_cells(result) for result in results)]
    broken = [f"- {r.name}: {v}" for r in results for v in r.violations]
    return PAGE.format(
        count=len(results),
        machine=_machine(),
        minutes=f"{seconds / 60:.0f}",
        acknowledged=sum(result.reckoning.acknowledged for result in results),
        entries=sum(result.reckoning.entries for result in results),
        received=sum(result.reckoning.received for result in results),
        table="\n".join(f"| {' | '.join(row)} |" for row in rows),
        broken="\n".join(broken) or "Every promise was kept in this run.",
        left_out=f"\nLeft out on this machine: {', '.join(left_out)}.\n" if left_out else "",
    )


def _machine() -> str:
    python = sys.version.split()[0]
    return f"{os.cpu_count()} cores, Python {python}, {time.strftime('%Y-%m-%d')}"

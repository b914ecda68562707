"""What a run showed: lines and a table for people, JSON for programs, a page and its pictures."""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence

from rich.table import Table

from launcher.paths import ROOT, STATE, shown
from launcher.progress import Progress
from tests.faults import pictures
from tests.faults.crowd import as_many_as_allowed, files_allowed
from tests.faults.page import PAGE
from tests.faults.rows import Row, counted, rows_of
from tests.faults.runner import Result

# The scenarios that a picture of the throughput says most about.
_SHOWN = ("kill-notifier", "freeze-notifier", "kill-broker", "restart-postgres", "memory-alarm")
_COLUMNS = (
    *("scenario", "what breaks", "runs", "how it bit"),
    *("attempts", "acknowledged", "entries", "received"),
    *("lost", "doubled", "out of order", "gaps", "resets"),
    *(
        "noticed after, s",
        "recovered after, s",
        "target, s",
        "peak memory, MB",
        "the gateway's",
        "load",
    ),
)


def tell(progress: Progress, result: Result, how_far: str = "") -> None:
    """One line for a scenario, and one for each promise that it broke."""
    mark = "[red]✗[/]" if result.violations else "[green]✓[/]"
    took = f"{result.seconds} s, {result.recovered_after:.1f} s to recover"
    told = f"{took}; {how_far}" if how_far else took
    progress.console.print(f"  {mark} {result.name} [dim]{told}[/]")
    for violation in result.violations:
        progress.say(f"      {violation}")


def _cells(row: Row) -> list[str]:
    made = row.reckoning
    noticed = "–" if row.noticed_after is None else f"{row.noticed_after:.1f}"
    return [
        *(row.name, row.story, str(row.runs), row.bite),
        *(str(n) for n in (made.attempts, made.acknowledged, made.entries, made.received)),
        *(str(n) for n in (made.lost, made.duplicated, made.out_of_order, made.gaps, made.resets)),
        *(noticed, f"{row.recovered_after:.1f}", f"{row.target:g}"),
        *(f"{row.peak_megabytes:.0f}", f"{row.gateway_megabytes:.0f}", f"{row.load:.0f}"),
    ]


def print_table(progress: Progress, results: Sequence[Result]) -> None:
    """Narrow enough for a terminal; the report has the rest."""
    table = Table("scenario", "runs", "how it bit", "entries", "broken", "recovered, s")
    for row in rows_of(results):
        cells = dict(zip(_COLUMNS, _cells(row), strict=True))
        made = row.reckoning
        broken = made.lost + made.duplicated + made.out_of_order + made.gaps
        table.add_row(
            *(cells[name] for name in ("scenario", "runs", "how it bit", "entries")),
            *(str(broken), f"{cells['recovered after, s']} of {cells['target, s']}"),
            style="red" if row.violations else "",
        )
    progress.console.print(table)


def write_report(
    results: Sequence[Result],
    whole: bool,
    seconds: float,
    left_out: Sequence[str] = (),
    ended_early: str = "",
) -> str:
    """Under docs for a run of everything, else under the state folder; the address of its page.
    `left_out` names what could not run on this machine; `ended_early` says why this is not all
    that was asked for, and is empty when it is."""
    home = ROOT / "docs" if whole else STATE / "faults"
    folder = home / "reliability"
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "machine": _machine(),
        "seconds": round(seconds),
        "left_out": list(left_out),
        **({"ended_early": ended_early} if ended_early else {}),
    }
    rows = rows_of(results)
    (folder / "results.json").write_text(_json(results, about))
    (folder / "recovery.svg").write_text(pictures.recovery(rows))
    strips = [row.slowest for row in rows if row.name in _SHOWN]
    (folder / "throughput.svg").write_text(pictures.throughput(strips))
    page = home / "reliability.md"
    page.write_text(_page(rows, seconds, left_out, ended_early))
    return shown(page)


def _json(results: Sequence[Result], about: Mapping[str, object]) -> str:
    """A line for each run of a scenario, so that two reports can be compared line by line."""
    lines = ",\n".join(json.dumps(r.as_json(), ensure_ascii=False) for r in results)
    return f'{json.dumps(about)[:-1]}, "scenarios": [\n{lines}\n]}}\n'


def _page(rows: Sequence[Row], seconds: float, left_out: Sequence[str], ended_early: str) -> str:
    lines = [_COLUMNS, ["---"] * len(_COLUMNS), *(_cells(row) for row in rows)]
    broken = [f"- {row.name}: {violation}" for row in rows for violation in row.violations]
    made = [row.reckoning for row in rows]
    return PAGE.format(
        counted=counted(rows),
        ended_early=f"\nEnded early: {' '.join(ended_early.split())}\n" if ended_early else "",
        machine=_machine(),
        minutes=f"{seconds / 60:.0f}",
        acknowledged=sum(each.acknowledged for each in made),
        entries=sum(each.entries for each in made),
        received=sum(each.received for each in made),
        table="\n".join(f"| {' | '.join(line)} |" for line in lines),
        broken="\n".join(broken) or "Every promise was kept in this run.",
        left_out=f"\nLeft out on this machine: {', '.join(left_out)}.\n" if left_out else "",
        files=files_allowed() or "any number of",
        streams=as_many_as_allowed(),
    )


def _machine() -> str:
    python = sys.version.split()[0]
    return f"{os.cpu_count()} cores, Python {python}, {time.strftime('%Y-%m-%d')}"

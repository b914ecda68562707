"""Findings for people, and for programs."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from command_line.doctor.findings import Result, Verdict

_MARKS = {
    Verdict.OK: ("✓", "green"),
    Verdict.ADVICE: ("!", "yellow"),
    Verdict.FAILED: ("✗", "red"),
    Verdict.SKIPPED: ("·", "dim"),
}
_WIDTH = 14


def show(console: Console, result: Result) -> None:
    mark, style = _MARKS[result.finding.verdict]
    skipped = result.finding.verdict == Verdict.SKIPPED
    lines = Table.grid(padding=(0, 1))
    lines.add_column(width=3)
    lines.add_column(width=_WIDTH)
    lines.add_column()
    seen = Text(result.finding.seen, "dim" if skipped else "")
    lines.add_row(Text(f"  {mark}", style), Text(result.check, "bold"), seen)
    for change in result.finding.change:
        # Not every remedy is of a proxy.
        proxy, colon, rest = change.partition(": ")
        advice = Text(f"{proxy}: ", "bold").append(rest, "not bold") if colon else Text(change)
        lines.add_row("", "", advice)
    console.print(lines)


def verdict_of(results: Sequence[Result]) -> Verdict:
    """Failed when anything has, else advice where there is any."""
    verdicts = {result.finding.verdict for result in results}
    return next((v for v in (Verdict.FAILED, Verdict.ADVICE) if v in verdicts), Verdict.OK)


def summary(results: Sequence[Result]) -> str:
    count = {v: sum(r.finding.verdict == v for r in results) for v in Verdict}
    return (
        f"{count[Verdict.OK]} hold, {count[Verdict.ADVICE]} with advice, "
        f"{count[Verdict.FAILED]} failed, {count[Verdict.SKIPPED]} not made"
    )


def as_json(url: str, results: Sequence[Result]) -> str:
    checks = [
        {
            "name": result.check,
            "verdict": result.finding.verdict,
            "seen": result.finding.seen,
            "change": list(result.finding.change),
        }
        for result in results
    ]
    return json.dumps(
        {"url": url, "verdict": verdict_of(results), "checks": checks}, indent=2, ensure_ascii=False
    )

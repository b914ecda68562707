"""The benchmark's part of the README: a few of the headlines, good and bad ones, in plain words."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bench.marked import RESULTS, Part
from bench.section import Cell
from bench.table import markdown
from launcher.paths import ROOT

PAGE = ROOT / "README.md"
PART = Part("<!-- benchmarks: made by `make bench` -->", "<!-- end of benchmarks -->")

_WORDS = """[docs/benchmarks](docs/benchmarks/README.md) puts Circles beside its peers in one
run (on {date}, on {machine}: all systems and the load generator share that machine). It
is not the fastest at everything. The page has the rest, with what each figure should be."""
_RATIOS = {
    "messages per CPU second, groups of 100: Circles ÷ ejabberd, per member": (
        "messages for a CPU second, groups of 100: ÷ ejabberd with an archive for each member, "
        "the same work"
    ),
    "messages per CPU second, groups of 100: Circles ÷ ejabberd": (
        "the same: ÷ ejabberd's rooms, which archive a message once and keep nothing for a member"
    ),
    "messages per CPU second, groups of 2: Circles ÷ ejabberd": (
        "the same in groups of 2: ÷ ejabberd's rooms"
    ),
    "messages per CPU second, groups of 2: Circles ÷ Synapse": "the same in groups of 2: ÷ Synapse",
    "highest rate held, groups of 1000: Circles ÷ ejabberd": (
        "highest rate held, groups of 1,000: ÷ ejabberd's rooms"
    ),
    "highest rate held, groups of 2: Circles ÷ ejabberd": (
        "highest rate held, groups of 2: ÷ ejabberd's rooms"
    ),
    "frames/s, 1000 streams, single: Circles hub ÷ nchan": (
        "frames a second to 1,000 streams, nothing stored, single messages: ÷ nchan"
    ),
    "frames/s, 1000 streams, burst of 16: Circles hub ÷ nchan": (
        "the same in bursts of 16: ÷ nchan"
    ),
    "memory per stream: Circles hub ÷ nchan": "memory for each idle stream: ÷ nchan",
}
_ALONE = {
    "highest rate held, groups of 2, messages/s": (
        "highest rate held with receipts, groups of 2, notifications a second"
    ),
    "highest rate held, groups of 100, notifications/s": "the same in groups of 100",
    "highest rate held, groups of 1000, notifications/s": "the same in groups of 1,000",
    "idle p50, groups of 2, ms": "POST to frame, idle, groups of 2, median, ms",
    "first page: 100,000 entries ÷ 100": "a page of the inbox, 100,000 entries ÷ 100 entries",
    "CPU per notification: receipts on ÷ off": "CPU for a notification, receipts on ÷ off",
}


def made_from(results: Mapping[str, Any]) -> str:
    """Words and tables. What a run has no figure for (void, or skipped) is shown as a dash."""
    medians = {
        one["what"]: float(one["ratio"]["median"])
        for workload in results["workloads"]
        for one in workload["headlines"]
    }
    machine, date = _machine_and_date(results["machine"])
    return "\n\n".join(
        (
            _WORDS.format(machine=machine, date=date),
            markdown(("Circles ÷ another, medians", "ratio"), _rows(_RATIOS, medians)),
            markdown(("Circles alone", ""), _rows(_ALONE, medians)),
            "![Durable path, POST to frame](docs/benchmarks/durable.svg)",
        )
    )


def _machine_and_date(described: str) -> tuple[str, str]:
    date = re.search(r"\d{4}-\d\d-\d\d", described)
    return described.partition("),")[0] + ")", date.group() if date else ""


def _rows(shown: Mapping[str, str], medians: Mapping[str, float]) -> Sequence[Sequence[Cell]]:
    return [[words, _rounded(medians.get(what))] for what, words in shown.items()]


def _rounded(value: float | None) -> Cell:
    """Two digits that count: more would claim what a shared machine can't tell."""
    if value is None:
        return None
    return round(value) if value >= 100 else float(f"{value:.2g}")


def write_front_page() -> None:
    """Raises ValueError when the README has lost its marks."""
    made = made_from(json.loads(RESULTS.read_text()))
    PAGE.write_text(PART.updated(PAGE.read_text(), made))

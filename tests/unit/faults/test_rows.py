"""Twenty runs of a scenario are one row: nothing that one of them found is lost in it."""

import json
import re
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path

import pytest

from launcher.progress import Progress
from tests.faults import report
from tests.faults.page import PAGE
from tests.faults.reconcile import Reckoning
from tests.faults.report import print_table, write_report
from tests.faults.rows import rows_of
from tests.faults.runner import Result
from tests.faults.scenarios import SCENARIOS

Figures = dict[str, float | None]


def _result(name: str = "kill-chat", /, **figures: object) -> Result:
    result = Result(name, "it is killed", 5.0, {"kills": 1, "came back": 22})
    for what, figure in figures.items():
        setattr(result, what, figure)
    return result


def _counted(number: int) -> Reckoning:
    """Each figure another one, so that none can stand in for a neighbour."""
    figures = (field.name for field in fields(Reckoning) if field.name != "violations")
    made = Reckoning()
    for n, name in enumerate(figures, start=1):
        setattr(made, name, n * number)
    return made


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(report, "ROOT", tmp_path / "checkout")
    monkeypatch.setattr(report, "STATE", tmp_path / "state")
    return tmp_path / "state"


def test_what_was_counted_is_added_up() -> None:
    [row] = rows_of([_result(reckoning=_counted(1)), _result(reckoning=_counted(100))])
    assert row.runs == 2
    assert row.reckoning == _counted(101)


def test_of_times_memory_and_load_the_worst_stands() -> None:
    good: Figures = {
        "noticed_after": None,
        "recovered_after": 0.0,
        "peak_megabytes": 70.0,
        "load": 1.0,
    }
    bad: Figures = {
        "noticed_after": 0.4,
        "recovered_after": 6.1,
        "peak_megabytes": 90.0,
        "load": 3.0,
    }
    for runs in ([good, bad, good], [bad, good], [good, bad]):
        [row] = rows_of([_result(**run) for run in runs])
        assert {what: getattr(row, what) for what in bad} == bad
        assert row.slowest.recovered_after == 6.1


def test_nobody_who_noticed_in_any_run_is_nobody() -> None:
    [row] = rows_of([_result(), _result()])
    assert row.noticed_after is None


def test_a_run_that_did_not_bite_shows_among_those_that_did() -> None:
    [row] = rows_of([_result(), _result(bite={}), _result(bite={"kills": 1, "came back": 24})])
    assert row.bite == "kills: 0 to 1, came back: 0 to 24"
    [row] = rows_of([_result(bite={})])
    assert row.bite == "not at all"


def test_a_broken_promise_says_in_which_run() -> None:
    [row] = rows_of([_result(), _result(violations=["1 × entry missing"])])
    assert row.violations == ["run 2: 1 × entry missing"]
    [row] = rows_of([_result(violations=["1 × entry missing"])])
    assert row.violations == ["1 × entry missing"]


def test_scenarios_have_a_row_each_and_runs_a_line_each(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["kill-chat", "kill-groups", "kill-chat", "kill-groups"]
    results = [_result(name, reckoning=Reckoning(entries=400)) for name in names]
    results[3].violations = ["1 × gap on the wire"]
    print_table(Progress(), results)
    assert capsys.readouterr().out.count("kill-chat") == 1
    write_report(results, whole=False, seconds=60.0)
    page = (state / "faults" / "reliability.md").read_text()
    rows = re.findall(r"^\| (kill-\S+) \| .+? \| (\d) \| (.+?) \|.*\| (800) \|", page, re.MULTILINE)
    assert [row[:2] for row in rows] == [("kill-chat", "2"), ("kill-groups", "2")]
    assert "4 runs of 2 scenarios in 1 minutes" in page
    assert "- kill-groups: run 2: 1 × gap on the wire" in page
    written = json.loads((state / "faults/reliability/results.json").read_text())
    assert [scenario["name"] for scenario in written["scenarios"]] == names
    assert (state / "faults/reliability/recovery.svg").read_text().count(">kill-chat<") == 1


def test_the_promises_name_only_scenarios_that_there_are() -> None:
    _, _, promises = PAGE.partition("## What is promised")
    promises, _, _ = promises.partition("## What is not promised")
    named = {n for n in re.findall(r"`([a-z*-]+-[a-z*-]+)`", promises) if not n.startswith("test")}
    assert len(re.findall(r"^\d\. ", promises, re.MULTILINE)) == 7
    assert len(named) > 15
    known = [scenario.name for scenario in SCENARIOS]
    assert [n for n in named if not any(fnmatch(name, n) for name in known)] == []

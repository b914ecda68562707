"""A run that takes an hour says how far it is, and whatever ends it early, what it saw is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from launcher.errors import LaunchError
from launcher.paths import ROOT
from launcher.progress import Progress
from tests.faults import __main__ as faults
from tests.faults import report
from tests.faults.runner import Result
from tests.faults.scenarios import SCENARIOS
from tests.faults.scene import Scenario
from tests.faults.turns import Turns

Run = Callable[[str], Awaitable[None]]
Prepare = Callable[[Run], None]


@dataclass(frozen=True)
class Reports:
    """What a run wrote, of everything into the docs or else under the state folder; empty for
    nothing."""

    root: Path
    state: Path

    def docs(self) -> str:
        return self._read(self.root / "docs/reliability.md")

    def page(self) -> str:
        return self._read(self.state / "faults/reliability.md")

    def results(self) -> Any:
        return json.loads(self._read(self.state / "faults/reliability/results.json"))

    def _read(self, path: Path) -> str:
        return path.read_text() if path.exists() else ""


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Reports:
    reports = Reports(tmp_path / "checkout", tmp_path / "state")
    monkeypatch.setattr(report, "ROOT", reports.root)
    monkeypatch.setattr(report, "STATE", reports.state)
    return reports


@pytest.fixture
def prepare(monkeypatch: pytest.MonkeyPatch, reports: Reports) -> Prepare:
    """No system is started; each scenario does what is given instead, and finds nothing."""

    @asynccontextmanager
    async def no_stack(*_: object) -> AsyncIterator[None]:
        yield

    def prepare(do: Run) -> None:
        async def run_scenario(_: object, scenario: Scenario, **__: object) -> Result:
            await do(scenario.name)
            return Result(scenario.name, scenario.story, scenario.target, {"kills": 1})

        monkeypatch.setattr(faults, "run_scenario", run_scenario)

    monkeypatch.setattr(faults, "running_stack", no_stack)
    monkeypatch.setattr(faults, "why_not", lambda: "")
    for name, value in {"QUICK": False, "ONLY": "", "RUNS": "1", "MINUTES": "0"}.items():
        monkeypatch.setattr(faults, name, value)
    monkeypatch.setattr(faults, "SOURCE", ROOT)
    return prepare


async def _finds_nothing(_: str) -> None:
    pass


async def test_runs_are_whole_passes_one_after_the_other(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(_finds_nothing)
    monkeypatch.setattr(faults, "RUNS", "2")
    monkeypatch.setattr(faults, "ONLY", "kill-chat kill-groups")
    assert await faults.run(Progress()) == 0
    told = [line.split() for line in capsys.readouterr().out.splitlines() if "recover;" in line]
    assert [(line[1], " ".join(line[-4:])) for line in told] == [
        ("kill-chat", "run 1 of 2"),
        ("kill-groups", "run 1 of 2"),
        ("kill-chat", "run 2 of 2"),
        ("kill-groups", "run 2 of 2"),
    ]


def test_minutes_tell_how_many_of_them_are_over() -> None:
    turns = Turns(minutes=60.0)
    object.__setattr__(turns, "began", turns.began - 12 * 60)
    scenario, how_far = next(turns.of(SCENARIOS, 1.0))
    assert scenario in SCENARIOS
    assert how_far == "12 of 60 min"


@pytest.mark.parametrize(
    ("runs", "minutes"), [("0", "0"), ("2", "30"), ("often", "0"), ("1", "-1")]
)
async def test_a_length_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, runs: str, minutes: str
) -> None:
    monkeypatch.setattr(faults, "RUNS", runs)
    monkeypatch.setattr(faults, "MINUTES", minutes)
    with pytest.raises(LaunchError, match="RUNS"):
        await faults.run(Progress(quiet=True))


async def test_a_run_of_everything_writes_the_docs(prepare: Prepare, reports: Reports) -> None:
    prepare(_finds_nothing)
    assert await faults.run(Progress(quiet=True)) == 0
    assert reports.docs()
    assert "Ended early" not in reports.docs()


async def test_an_interrupted_run_tells_what_it_saw_and_leaves_the_docs_alone(
    prepare: Prepare, reports: Reports, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = asyncio.Event()

    async def stops_at_the_third(name: str) -> None:
        if name == "kill-groups":
            reached.set()
            await asyncio.Event().wait()

    prepare(stops_at_the_third)
    running = asyncio.create_task(faults.run(Progress()))
    await reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not reports.docs()
    assert "\nEnded early: interrupted\n" in reports.page()
    written = reports.results()
    assert written["ended_early"] == "interrupted"
    assert [each["name"] for each in written["scenarios"]] == ["kill-notifier", "kill-chat"]
    assert "2 scenarios in" in capsys.readouterr().out


@pytest.mark.parametrize("error", [LaunchError("RabbitMQ is gone"), KeyError("RabbitMQ is gone")])
async def test_what_goes_wrong_on_the_way_is_told_with_what_was_seen_before(
    prepare: Prepare, reports: Reports, error: Exception
) -> None:
    async def fails_at_the_third(name: str) -> None:
        if name == "kill-groups":
            raise error

    prepare(fails_at_the_third)
    with pytest.raises(type(error)):
        await faults.run(Progress(quiet=True))
    assert not reports.docs()
    assert f"Ended early: {type(error).__name__}: " in reports.page()
    assert "| kill-chat |" in reports.page()


async def test_a_run_that_saw_nothing_leaves_the_last_report(
    prepare: Prepare, reports: Reports
) -> None:
    async def fails(_: str) -> None:
        raise LaunchError("It does not start")

    prepare(fails)
    with pytest.raises(LaunchError):
        await faults.run(Progress(quiet=True))
    assert not reports.page()

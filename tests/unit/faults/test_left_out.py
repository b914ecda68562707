"""What a machine can't run is left out by name: a report never looks whole when it is not."""

import pytest

from launcher.progress import Progress
from tests.faults import __main__ as faults
from tests.faults.layouts import Layout
from tests.faults.scenarios import SCENARIOS


def test_without_disks_that_can_be_filled_their_scenarios_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(faults, "why_not", lambda: "mount failed: permission denied")
    possible, left_out = faults.possible(list(SCENARIOS), Progress())
    assert {s.name for s in SCENARIOS} == {s.name for s in possible} | set(left_out)
    assert left_out == [s.name for s in SCENARIOS if s.layout is Layout.SMALL_DISKS]
    told = capsys.readouterr().out
    assert all(name in told for name in left_out)
    assert "permission denied" in told


def test_where_disks_can_be_filled_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "why_not", lambda: "")
    assert faults.possible(list(SCENARIOS), Progress(quiet=True)) == (list(SCENARIOS), [])

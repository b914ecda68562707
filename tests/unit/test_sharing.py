"""Tests that take a shared stack apart must not meet in several processes at once."""

import os
import subprocess
import sys
from pathlib import Path

from launcher.paths import ROOT
from tests.sharing import GROUPS, LONGEST_FIRST, group_of, place_of

_WHERE = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(4))
def test_where(number):
    with (pathlib.Path(__file__).parents[2] / "workers").open("a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], file=file)
"""


def test_those_that_share_run_in_one_process(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "browser"
    folder.mkdir(parents=True)
    for name in ("one", "two"):
        (folder / f"test_{name}.py").write_text(_WHERE)
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.sharing"),
            *("-n", "2", "--dist", "loadscope"),
        ],
        cwd=tmp_path,
        # No plugins but these two: three processes would load what none of them needs.
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    workers = (tmp_path / "workers").read_text().splitlines()
    assert len(workers) == 8
    assert len(set(workers)) == 1


def test_every_group_has_tests_and_every_story_a_group() -> None:
    tests = [str(file.relative_to(ROOT)) for file in (ROOT / "tests").rglob("test_*.py")]
    groups = {group_of(test) for test in tests}
    assert {group for _, group in GROUPS} <= groups
    stories = [test for test in tests if test.startswith(("tests/browser", "tests/scenarios"))]
    assert stories
    assert all(group_of(test) != test for test in stories)


def test_every_group_begins_before_what_shares_nothing() -> None:
    assert set(LONGEST_FIRST) == {group for _, group in GROUPS}
    alone = place_of("tests/unit/test_sharing.py::test_one")
    assert all(place_of(f"{beginning}x.py::test_one") < alone for beginning, _ in GROUPS)

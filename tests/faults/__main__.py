"""`make faults`: start a system, break it in every way that is listed, tell what it kept."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from launcher.errors import LaunchError
from launcher.paths import ROOT
from launcher.progress import Progress, fail
from tests.faults.disks import why_not
from tests.faults.interrupts import interruptible
from tests.faults.layouts import Layout
from tests.faults.report import print_table, tell, write_report
from tests.faults.rows import counted, rows_of
from tests.faults.runner import Result, run_scenario
from tests.faults.scenarios import SCENARIOS
from tests.faults.scene import Scenario
from tests.faults.stack import running_stack
from tests.faults.turns import Turns

QUICK = os.environ.get("QUICK") == "1"
ONLY = os.environ.get("ONLY", "")
MINUTES = os.environ.get("MINUTES") or "0"
RUNS = os.environ.get("RUNS") or "1"
SOURCE = Path(os.environ.get("SOURCE") or ROOT).resolve()


def chosen() -> list[Scenario]:
    """Raises LaunchError when nothing is left."""
    words = ONLY.replace(",", " ").split() or [""]
    named = [s for s in SCENARIOS if any(word in s.name for word in words)]
    found = [s for s in named if s.quick or not QUICK]
    if not found:
        names = ", ".join(s.name for s in SCENARIOS)
        raise LaunchError(f"No scenario's name has a word of {ONLY!r}. There are: {names}")
    return found


def _turns() -> Turns:
    """Raises LaunchError when RUNS or MINUTES make no sense."""
    try:
        return Turns(int(RUNS), float(MINUTES))
    except ValueError as error:
        raise LaunchError(f"RUNS={RUNS} and MINUTES={MINUTES} must be numbers") from error


def possible(scenarios: list[Scenario], progress: Progress) -> tuple[list[Scenario], list[str]]:
    """What can run on this machine, and the names of those that can't, which are told."""
    left_out = [s.name for s in scenarios if s.layout is Layout.SMALL_DISKS]
    if not left_out or not (reason := why_not()):
        return scenarios, []
    progress.warn(f"Left out, for want of disks that can be filled: {', '.join(left_out)}")
    progress.say(f"      Mounting one takes root: {reason}")
    return [s for s in scenarios if s.name not in left_out], left_out


async def run(progress: Progress) -> int:
    """The exit code: 1 when a promise was broken. Raises LaunchError.

    What was seen is reported whatever ends the run: an hour of it is worth as much then.
    """
    turns = _turns()
    scenarios, left_out = possible(chosen(), progress)
    results: list[Result] = []
    ended_early = "interrupted"
    try:
        await _run_all(scenarios, turns, progress, results)
        ended_early = ""
    except Exception as error:
        ended_early = f"{type(error).__name__}: {error}"
        raise
    finally:
        if results:
            _report(progress, results, turns, left_out, ended_early)
    broken = dict.fromkeys(result.name for result in results if result.violations)
    if broken:
        fail(LaunchError(f"Promises broken in: {', '.join(broken)}"))
    return 1 if broken else 0


async def _run_all(
    scenarios: Sequence[Scenario], turns: Turns, progress: Progress, results: list[Result]
) -> None:
    """Each result stands in `results` as soon as it is there. Raises LaunchError."""
    for layout in Layout:
        if not (of_layout := [s for s in scenarios if s.layout is layout]):
            continue
        if layout.value:
            progress.note(f"On {layout.value}:")
        async with running_stack(SOURCE, progress, layout) as stack:
            for scenario, how_far in turns.of(of_layout, len(of_layout) / len(scenarios)):
                with progress.console.status(f"{scenario.name}: {scenario.story}"):
                    results.append(await run_scenario(stack, scenario, in_time=not QUICK))
                tell(progress, results[-1], how_far)


def _report(
    progress: Progress,
    results: Sequence[Result],
    turns: Turns,
    left_out: Sequence[str],
    ended_early: str,
) -> None:
    """Docs are for a run of everything that came to its end."""
    print_table(progress, results)
    seconds = time.monotonic() - turns.began
    whole = not (QUICK or ONLY or turns.minutes or ended_early) and SOURCE == ROOT
    where = write_report(results, whole, seconds, left_out, ended_early)
    if ended_early:
        progress.warn("Ended early: the report is of what was seen until then")
    progress.say(f"{counted(rows_of(results))} in {seconds:.0f} s. Report: {where}")


if __name__ == "__main__":
    sys.exit(asyncio.run(interruptible(run)))

"""`make faults`: start a system, break it in every way that is listed, tell what it kept."""

import asyncio
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from launcher.errors import LaunchError
from launcher.paths import ROOT
from launcher.progress import Progress, fail
from tests.faults.disks import why_not
from tests.faults.interrupts import interruptible
from tests.faults.layouts import Layout
from tests.faults.report import print_table, tell, write_report
from tests.faults.runner import Result, run_scenario
from tests.faults.scenarios import SCENARIOS
from tests.faults.scene import Scenario
from tests.faults.stack import running_stack

QUICK = os.environ.get("QUICK") == "1"
ONLY = os.environ.get("ONLY", "")
MINUTES = float(os.environ.get("MINUTES") or 0)
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


def _in_turn(scenarios: list[Scenario], minutes: float) -> Iterator[Scenario]:
    """Each once; or, with `minutes`, in random order until the time is over."""
    if not minutes:
        yield from scenarios
        return
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        for scenario in random.sample(scenarios, len(scenarios)):
            if time.monotonic() < end:
                yield scenario


def possible(scenarios: list[Scenario], progress: Progress) -> tuple[list[Scenario], list[str]]:
    """What can run on this machine, and the names of those that can't, which are told."""
    left_out = [s.name for s in scenarios if s.layout is Layout.SMALL_DISKS]
    if not left_out or not (reason := why_not()):
        return scenarios, []
    progress.warn(f"Left out, for want of disks that can be filled: {', '.join(left_out)}")
    progress.say(f"      Mounting one takes root: {reason}")
    return [s for s in scenarios if s.name not in left_out], left_out


async def run(progress: Progress) -> int:
    """The exit code: 1 when a promise was broken. Raises LaunchError."""
    scenarios, left_out = possible(chosen(), progress)
    results: list[Result] = []
    began = time.monotonic()
    for layout in Layout:
        if not (of_layout := [s for s in scenarios if s.layout is layout]):
            continue
        if layout.value:
            progress.note(f"On {layout.value}:")
        async with running_stack(SOURCE, progress, layout) as stack:
            for scenario in _in_turn(of_layout, MINUTES * len(of_layout) / len(scenarios)):
                with progress.console.status(f"{scenario.name}: {scenario.story}"):
                    results.append(await run_scenario(stack, scenario, in_time=not QUICK))
                tell(progress, results[-1])
    print_table(progress, results)
    whole = not (QUICK or ONLY or MINUTES) and SOURCE == ROOT
    where = write_report(results, whole, time.monotonic() - began, left_out)
    progress.say(f"{len(results)} scenarios in {time.monotonic() - began:.0f} s. Report: {where}")
    broken = [result.name for result in results if result.violations]
    if broken:
        fail(LaunchError(f"Promises broken in: {', '.join(broken)}"))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(interruptible(run)))

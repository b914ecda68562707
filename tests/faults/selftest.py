"""`make faults-selftest`: would the faults notice if a guarantee were gone? Each is broken in turn.

The unbroken tree comes first: a scenario that fails there as well proves nothing.
"""

import asyncio
import os
import sys
import time
from collections.abc import Sequence

from rich.table import Table

from launcher.errors import LaunchError
from launcher.progress import Progress, fail
from tests.faults.interrupts import interruptible
from tests.faults.mutants import check_imports, mutant
from tests.faults.mutations import MUTATIONS, Edit, Mutation
from tests.faults.mutations_page import Outcome, write_page
from tests.faults.runner import Result, run_scenario
from tests.faults.scenarios import SCENARIOS
from tests.faults.settling import SETTLE_SECONDS
from tests.faults.stack import running_stack

ONLY = os.environ.get("ONLY", "")
# What a mutant lost never settles: no use in waiting for it longer than a reader on a dead link.
LOST_AFTER_SECONDS = 20.0


def chosen() -> list[Mutation]:
    """Raises LaunchError when nothing is left."""
    words = ONLY.replace(",", " ").split() or [""]
    if found := [m for m in MUTATIONS if any(word in m.name for word in words)]:
        return found
    names = ", ".join(m.name for m in MUTATIONS)
    raise LaunchError(f"No mutation's name has a word of {ONLY!r}. There are: {names}")


async def run(progress: Progress) -> int:
    """The exit code: 1 when a mutant survived. Raises LaunchError."""
    began = time.monotonic()
    mutations = chosen()
    names = dict.fromkeys(mutation.scenario for mutation in mutations)
    for sound in await _tried(Progress(quiet=True), (), list(names)):
        if sound.violations:
            raise LaunchError(f"{sound.name} fails on the sound tree: {sound.violations}")
        progress.note(f"sound: {sound.name} finds nothing")
    outcomes = []
    for mutation in mutations:
        [result] = await _tried(Progress(quiet=True), mutation.edits, [mutation.scenario])
        outcomes.append(Outcome(mutation, result))
        progress.note(f"{mutation.name}: {outcomes[-1].verdict}")
    _print_table(progress, outcomes)
    where = write_page(outcomes, time.monotonic() - began, whole=not ONLY)
    progress.say(f"{len(outcomes)} mutants in {time.monotonic() - began:.0f} s. Report: {where}")
    if survivors := [o.mutation.name for o in outcomes if not o.caught_by]:
        fail(LaunchError(f"Not caught: {', '.join(survivors)}"))
        return 1
    return 0


async def _tried(progress: Progress, edits: Sequence[Edit], names: Sequence[str]) -> list[Result]:
    """What these scenarios find in a tree with these edits. Raises LaunchError."""
    scenarios = [scenario for scenario in SCENARIOS if scenario.name in names]
    with mutant(edits) as source:
        await check_imports(source, edits)
        seconds = LOST_AFTER_SECONDS if edits else SETTLE_SECONDS
        async with running_stack(source, progress) as stack:
            return [
                await run_scenario(stack, s, in_time=False, settle_seconds=seconds)
                for s in scenarios
            ]


def _print_table(progress: Progress, outcomes: Sequence[Outcome]) -> None:
    table = Table("mutation", "scenario", "caught by")
    for outcome in outcomes:
        style = "" if outcome.caught_by else "red"
        cells = (outcome.mutation.name, outcome.mutation.scenario, outcome.verdict)
        table.add_row(*cells, style=style)
    progress.console.print(table)


if __name__ == "__main__":
    sys.exit(asyncio.run(interruptible(run)))

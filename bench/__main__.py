"""The benchmarks: `make bench`, with QUICK=1 for a short form and ONLY=word for some workloads."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping

from bench.building import HOME, build
from bench.capacity import write_plan
from bench.context import Context
from bench.front_page import write_front_page
from bench.machine import description, load
from bench.peers.versions import versions
from bench.report import About, write_report
from bench.section import Section
from bench.stack import Stack
from bench.starting import running_stack
from bench.table import headlines
from bench.workloads.beside import beside_peers
from bench.workloads.connections import connections
from bench.workloads.fanout import fanout
from bench.workloads.growth import group_sizes, known_users, time_running
from bench.workloads.ingest import ingest
from bench.workloads.mailbox_sizes import mailbox_sizes
from bench.workloads.polling import idle_latency, polling
from bench.workloads.profiles import profiles
from bench.workloads.resume import resume
from bench.workloads.stages import stages
from bench.workloads.stalls import stalls
from bench.workloads.variants import dead_readers, receipts
from launcher.errors import LaunchError
from launcher.limits import raise_file_limit
from launcher.lock import held
from launcher.processes import end_leftovers
from launcher.progress import Progress, fail

# On servers of the memory class, and on a whole system of its own.
ALONE: Mapping[str, Callable[[Context], Awaitable[Section]]] = {
    "fanout": fanout,
    "idle": idle_latency,
    "polling": polling,
    "dead": dead_readers,
    "stalls": stalls,
    "connections": connections,
}
ON_CIRCLES: Mapping[str, Callable[[Context, Stack], Awaitable[Section]]] = {
    # First: from few users to as many as all that follow are measured with.
    "users": known_users,
    "durable": beside_peers,
    "resume": resume,
    "receipts": receipts,
    "stages": stages,
    "ingest": ingest,
    "profiles": profiles,
    "sizes": group_sizes,
    "mailboxes": mailbox_sizes,
    "time": time_running,
}

# The short form leaves them out, unless they are asked for: it has three minutes.
_LONG = ("resume", "stages", "profiles")
# A whole run is to end within half an hour. What has not begun by now is measured in its short
# form: on a slow machine, or one that others use, the last curves get fewer points.
LATE_SECONDS = 27 * 60.0


async def run(progress: Progress, quick: bool, words: list[str]) -> int:
    """Run the workloads whose names have one of `words`, or all; 1 when any run was void."""
    chosen = [n for n in (*ALONE, *ON_CIRCLES) if not words or any(w in n for w in words)]
    if not chosen:
        raise LaunchError(
            f"No workload is called so. There are: {', '.join((*ALONE, *ON_CIRCLES))}"
        )
    raise_file_limit()
    began, load_before = time.monotonic(), load()
    with held(HOME, "A benchmark"):
        await end_leftovers(HOME)
        context = Context(await build(progress), progress, quick)
        if quick and not words:
            chosen = [name for name in chosen if name not in _LONG]
            for name in _LONG:
                context.skip(name, "not in the short form")
        sections = []
        for name in (name for name in chosen if name in ALONE):
            sections.append(await _timed(progress, name, ALONE[name](context)))
        if on_circles := [name for name in chosen if name in ON_CIRCLES]:
            async with running_stack(progress) as stack:
                for name in on_circles:
                    if not context.quick and time.monotonic() - began > LATE_SECONDS:
                        context.quick = True
                        left = ", ".join(on_circles[on_circles.index(name) :])
                        context.skip(f"the long form of {left}", "it began too late")
                    sections.append(await _timed(progress, name, ON_CIRCLES[name](context, stack)))
    minutes = (time.monotonic() - began) / 60
    about = About(
        machine=description(),
        load=load_before,
        load_after=load(),
        minutes=round(minutes, 1),
        versions=versions(),
        skipped=context.skipped,
    )
    page = write_report(sections, about, whole=not quick and not words)
    if not quick and not words:
        _tell_other_pages(progress)
    progress.say(headlines([one for section in sections for one in section.headlines if one.main]))
    progress.say(f"\n{minutes:.1f} minutes. The report: {page}")
    void = [f"{section.name}: {line}" for section in sections for line in section.void]
    for line in void:
        progress.warn(f"void: {line}")
    return 1 if void else 0


async def _timed(progress: Progress, name: str, work: Awaitable[Section]) -> Section:
    """A workload that fails is void; the others still count."""
    try:
        with progress.step(name):
            return await work
    # Whatever it is: what was measured before it took half an hour.
    except Exception as error:
        words = "It ended early: no figures."
        failure = f"{type(error).__name__}: {error}"
        return Section(name, name, words, ("workload",), [[name]], void=[failure])


def _tell_other_pages(progress: Progress) -> None:
    """README and plan for growing show what was measured last."""
    try:
        write_front_page()
        write_plan()
    except (KeyError, ValueError) as error:
        progress.warn(f"README.md or docs/scaling.md still shows an earlier run: {error}")


async def _interruptible(work: Awaitable[int]) -> int:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    return await task


def main() -> None:
    logging.getLogger().addHandler(logging.NullHandler())
    quick, words = os.environ.get("QUICK") == "1", os.environ.get("ONLY", "").split()
    try:
        code = asyncio.run(_interruptible(run(Progress(), quick, words)))
    except LaunchError as error:
        code = fail(error)
    except asyncio.CancelledError:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()

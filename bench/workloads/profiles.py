"""Profiles under load: what there is to gain, and where."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager

from bench import circles, sampling
from bench.circles import Circles
from bench.context import Context, Served, serving
from bench.gate import faults
from bench.generator import Generator, generating
from bench.peers.installing import open_files
from bench.peers.memory import CIRCLES_HUB
from bench.section import Section
from bench.stack import Stack
from bench.workloads.fanout import open_readers
from bench.workloads.ingest import taking_in
from bench.workloads.polling import POLLERS, open_polls
from bench.workloads.resume import AT_ONCE, MEMBERS, post, returning
from launcher.errors import LaunchError

SECONDS = 6
RATES: Mapping[int, float] = {2: 250.0, 100: 100.0}
GROUPS: Mapping[int, int] = {2: 200, 100: 4}
FUNCTIONS = 6
HUB_STREAMS = 1000
HERD = 10_000
_MISSED = 10
_PROFILED = ("chat", "notifier")
_WORDS = """What Python code ran when a process was looked at, a hundred times a second, by py-spy:
the innermost function counts, with all that it calls in C (a system call is its caller's). First by
package, then the functions that ran most. Shares are of the process's own CPU; what it costs beside
the others is under *durable*."""


async def profiles(context: Context, stack: Stack) -> Section:
    section = Section("profiles", "Profiles", _WORDS, ("process", "under", "share %", "where"))
    try:
        await sampling.prepare(context.progress)
        await _hub(context, section)
        for size in GROUPS if not context.quick else (2,):
            await _services(context, stack, size, section)
        await _resuming(context, stack, section)
        await _ingesting(context, stack, section)
    except LaunchError as error:
        context.skip("profiles", str(error))
    return section


async def _services(context: Context, stack: Stack, size: int, section: Section) -> None:
    seconds, rate = context.count(SECONDS, 2), RATES[size]
    async with generating(context.programs, f"profile {size}", None) as generator:
        system = Circles(stack)
        await system.gather(generator, GROUPS[size], size)
        load = asyncio.create_task(generator.paced(rate, seconds + 2.0, 15.0))
        await asyncio.sleep(0.5)
        chat, notifier = await asyncio.gather(
            *(sampling.sample(stack.pid(f"{name}-1"), name, seconds) for name in _PROFILED)
        )
        if wrong := faults(await load):
            section.void.append(f"groups of {size}: {', '.join(wrong)}")
    words = f"{rate:.0f} messages/s, groups of {size}"
    for name, found in zip(_PROFILED, (chat, notifier), strict=True):
        _add(section, name, words, found)


async def _hub(context: Context, section: Section) -> None:
    seconds, herd = context.count(SECONDS, 2), min(HERD, open_files() - 500)

    async def profile(one: Served, load: Awaitable[object], seconds: int, words: str) -> None:
        await _while(load, section, "hub", one.process.pid, seconds, words)

    async with _new_hub(context, "profile hub") as (hub, generator):
        await open_readers(generator, hub, HUB_STREAMS)
        busy = generator.closed(1, seconds + 2.0)
        await profile(hub, busy, seconds, f"single messages to {HUB_STREAMS:,} streams")
    async with _new_hub(context, "profile herd") as (hub, generator):
        await generator.define(hub.readers(herd), [])
        await profile(hub, generator.open(0, herd), 2, f"{herd:,} streams that open")
    async with _new_hub(context, "profile polls") as (hub, generator):
        await open_polls(generator, hub, POLLERS)
        busy = generator.closed(1, seconds + 2.0)
        await profile(hub, busy, seconds, f"single messages to {POLLERS} polls")


@asynccontextmanager
async def _new_hub(context: Context, name: str) -> AsyncIterator[tuple[Served, Generator]]:
    async with (
        serving(context, [CIRCLES_HUB]) as [hub],
        generating(context.programs, name) as generator,
    ):
        yield hub, generator


async def _resuming(context: Context, stack: Stack, section: Section) -> None:
    """What the profile of a herd that catches up says of the notifier."""
    crowd = await circles.crowd(stack, context.count(20, 2), MEMBERS)
    async with generating(context.programs, "profile resume", None) as generator:
        await post(stack, generator, crowd, _MISSED)
        await stack.settled(120.0)
        streams = returning(stack, crowd)
        await generator.define(streams, [])
        words = f"{len(streams):,} clients that resume, {_MISSED} missed"
        herd = _caught_up(generator, len(streams))
        await _while(herd, section, "notifier", stack.pid("notifier-1"), 2, words)
    await stack.vacuum()


async def _caught_up(generator: Generator, streams: int) -> None:
    await generator.open(0, streams, AT_ONCE)
    await generator.wait_for(_MISSED * streams, 60.0)


async def _ingesting(context: Context, stack: Stack, section: Section) -> None:
    """What chat does while messages are all that is done."""
    async with taking_in(context, stack) as posting:
        words = "ingest alone"
        await _while(posting, section, "chat", stack.pid("chat-1"), 2, words)


async def _while(
    load: Awaitable[object], section: Section, process: str, pid: int, seconds: int, words: str
) -> None:
    """Look at a process while the load is on it."""
    under_load = asyncio.ensure_future(load)
    try:
        found = await sampling.sample(pid, process, seconds)
    finally:
        await under_load
    _add(section, process, words, found)


def _add(section: Section, process: str, words: str, found: sampling.Samples) -> None:
    """The packages that ran most, then the functions."""
    for counts in (found.packages, found.functions):
        for where, count in counts.most_common(FUNCTIONS):
            share = round(100 * count / max(1, found.total), 1)
            section.rows.append([process, words, share, where])

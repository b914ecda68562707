"""Profiles under load: what there is to gain, and where."""

import asyncio
from collections.abc import Mapping

from bench import sampling
from bench.circles import Circles
from bench.context import Context, serving
from bench.gate import faults
from bench.generator import Generator, generating
from bench.peers.memory import CIRCLES_HUB
from bench.section import Section
from bench.stack import Stack
from bench.workloads.fanout import open_readers
from launcher.errors import LaunchError

SECONDS = 6
RATES: Mapping[int, float] = {2: 250.0, 100: 100.0}
GROUPS: Mapping[int, int] = {2: 200, 100: 4}
FUNCTIONS = 6
HUB_STREAMS = 1000
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
    async with (
        serving(context, [CIRCLES_HUB]) as served,
        generating(context.programs, "profile hub") as generator,
    ):
        one = served[0]
        await open_readers(generator, one, HUB_STREAMS)
        load = asyncio.create_task(_busy(generator, context.count(SECONDS, 2) + 2.0))
        await asyncio.sleep(0.5)
        found = await sampling.sample(one.process.pid, "hub", context.count(SECONDS, 2))
        await load
    _add(section, "hub", f"single messages to {HUB_STREAMS:,} streams", found)


async def _busy(generator: Generator, seconds: float) -> None:
    await generator.closed(1, seconds)


def _add(section: Section, process: str, words: str, found: sampling.Samples) -> None:
    """The packages that ran most, then the functions."""
    for counts in (found.packages, found.functions):
        for where, count in counts.most_common(FUNCTIONS):
            section.rows.append([process, words, round(100 * count / found.total, 1), where])


_PROFILED = ("chat", "notifier")

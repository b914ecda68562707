"""How long the event loop stands still with thousands of streams on it. Memory class."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bench.context import Context, serving
from bench.figures import figure
from bench.gate import faults
from bench.generator import Generator, generating
from bench.loop_lag import lag_of
from bench.peers.installing import open_files
from bench.peers.memory import CIRCLES_HUB
from bench.section import Section

STREAMS = 10_000
TOO_LONG_SECONDS = 0.025
RATE = 4.0
_WORDS = """{count} streams on the hub. Its event loop is looked at a hundred times a second, and
how late each look came is what everything else on the loop had to wait too: while the streams
open, while they idle, while {rate:.0f} messages a second go to every one of them, and while they
close. The bounds are those of the metric `circles_loop_lag_seconds`."""


@dataclass
class _Phases:
    """Looks at the loop before and after each phase."""

    url: str
    section: Section
    worst: list[float] = field(default_factory=list)

    async def measure(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        before = await lag_of(self.url)
        await work()
        lag = (await lag_of(self.url)).since(before)
        self.section.rows.append([name, lag.looks, lag.beyond(TOO_LONG_SECONDS), lag.worst_ms])
        self.worst.append(lag.worst_ms)


async def stalls(context: Context) -> Section:
    count = min(context.count(STREAMS, 1000), open_files() - 500)
    section = Section(
        "stalls",
        "Stalls of the event loop (memory class)",
        _WORDS.format(count=f"{count:,}", rate=RATE),
        ("while the streams", "looks", "later than 25 ms", "none later than, ms"),
    )
    async with (
        serving(context, [CIRCLES_HUB]) as served,
        generating(context.programs, "stalls") as generator,
    ):
        one = served[0]
        phases = _Phases(f"http://127.0.0.1:{one.port}/metrics", section)
        await generator.define(one.readers(count), [one.publisher()])
        await phases.measure("open", lambda: generator.open(0, count))
        await generator.pool(one.port)
        await phases.measure("idle", lambda: asyncio.sleep(context.pick(5.0, 1.0)))
        await phases.measure("are written to", lambda: _written_to(context, generator, section))
        await phases.measure("close", lambda: _closed(generator))
    what = f"longest stall with {count:,} streams, ms"
    section.add_headline(what, figure([max(phases.worst)]), "≤25")
    return section


async def _written_to(context: Context, generator: Generator, section: Section) -> None:
    run = await generator.paced(RATE, context.pick(10.0, 2.0), 5.0)
    if wrong := faults(run):
        section.void.append(f"while streams are written to: {', '.join(wrong)}")


async def _closed(generator: Generator) -> None:
    await generator.close()
    await asyncio.sleep(1.0)

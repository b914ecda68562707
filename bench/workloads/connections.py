"""What an open stream costs: memory while it idles, CPU to connect it. Memory class."""

import asyncio

from bench.context import Context, Served, serving
from bench.figures import median, ratio
from bench.generator import generating
from bench.machine import resident
from bench.peers.installing import open_files
from bench.peers.memory import CIRCLES, CIRCLES_HUB, NCHAN, PEERS
from bench.section import Bars, Section

STREAMS = 10_000
# Under this name other workloads find what nchan needs to connect a stream, in µs.
NCHAN_CONNECT = "nchan: CPU µs per connect"
_WORDS = """Each server alone holds {count} idle streams. Memory is what its process grew by,
without the kernel's socket buffers; CPU is the server's for one connection from accept to the
first frame. The first herd, a tenth as large, warms up and is not counted. The hub of Circles
checks no token here and asks no database: what a stream of the whole system costs to open is
under *resume*."""


async def connections(context: Context) -> Section:
    # Both ends need a file for each; some are needed for other things.
    count = min(context.count(STREAMS, 1000), open_files() - 500)
    section = Section(
        "connections",
        "Idle streams (memory class)",
        _WORDS.format(count=f"{count:,}"),
        ("server", "streams", "KB per stream", "CPU µs per connect", "connect p50 ms", "p99 ms"),
    )
    memory: dict[str, list[float]] = {}
    cost: dict[str, list[float]] = {}
    for _ in range(context.count(3, 1)):
        # A server that held thousands keeps its pools: each round begins with a fresh process.
        for peer in (CIRCLES_HUB, *PEERS):
            async with serving(context, [peer]) as served:
                if served:
                    await _measure(context, served[0], count, section, memory, cost)
    for name in memory:
        own = [row for row in section.rows if row[0] == name]
        context.say(f"{name}: {median(memory[name]):.1f} KB, {median(cost[name]):.0f} µs")
        # The rounds' medians stand in the table, once for each server.
        section.rows = [row for row in section.rows if row[0] != name]
        times = [[row[n] for row in own if isinstance(row[n], float)] for n in (4, 5)]
        p50, p99 = (round(median([v for v in t if isinstance(v, float)]), 2) for t in times)
        kilobytes, microseconds = round(median(memory[name]), 1), round(median(cost[name]))
        section.rows.append([name, count, kilobytes, microseconds, p50, p99])
    if NCHAN in cost:
        context.found[NCHAN_CONNECT] = median(cost[NCHAN])
    for what, values, unit in (("memory", memory, "KB"), ("CPU to connect", cost, "µs")):
        title = f"{what.capitalize()} per stream, {count} streams"
        section.bars.append(Bars(title, unit, [(n, median(v)) for n, v in values.items()]))
        if CIRCLES in values and NCHAN in values:
            headline = f"{what} per stream: Circles hub ÷ nchan"
            aim = "≤1.0" if what == "memory" else "≤7"
            section.add_headline(headline, ratio(values[CIRCLES], values[NCHAN]), aim)
    return section


async def _measure(
    context: Context,
    one: Served,
    count: int,
    section: Section,
    memory: dict[str, list[float]],
    cost: dict[str, list[float]],
) -> None:
    name = one.peer.name
    async with generating(context.programs, f"connections {name}") as generator:
        await generator.define(one.readers(count), [])
        await generator.open(0, count // 10)
        await asyncio.sleep(0.5)
        first = count // 10
        before, cpu = resident([one.process.pid]), one.cpu()
        opened = await generator.open(first, count - first)
        # Until what the herd left to do is done.
        await asyncio.sleep(1.0)
        grown, used = resident([one.process.pid]) - before, one.cpu() - cpu
        if opened.failed:
            section.void.append(f"{name}: {opened.failed} of {count - first} did not open")
        if not opened.opened:
            return
        memory.setdefault(name, []).append(grown / opened.opened / 1024)
        cost.setdefault(name, []).append(used / opened.opened * 1e6)
        p50, p99 = (round(opened.times.percentile(share), 2) for share in (0.5, 0.99))
        section.rows.append([name, count, None, None, p50, p99])

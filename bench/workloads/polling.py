"""Long poll, and the time from a message to a lone reader. Memory class."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack

from bench.context import Context, Served, serving
from bench.figures import Histogram, median, ratio
from bench.gate import faults
from bench.generator import Generator, Stream, generating
from bench.peers.memory import CIRCLES, CIRCLES_HUB, NCHAN, PEERS, floor
from bench.section import Section
from bench.workloads.fanout import open_readers

POLLERS = 500
_POLL_WORDS = """{count} clients poll; a message is posted, every poll is answered with it and
asked again, and when all have it the next message comes. The hub of Circles waits as its long
poll does, but takes the message from memory instead of the table, and checks no token."""
_IDLE_WORDS = """One reader, twenty messages a second, nothing else to do: the time from a
message being due to its frame at the reader."""


async def polling(context: Context) -> Section:
    count = context.count(POLLERS, 100)
    section = Section(
        "polling",
        "Long poll (memory class)",
        _POLL_WORDS.format(count=count),
        ("server", "clients", "deliveries/s", "CPU µs per delivery", "p50 ms", "p99 ms"),
    )
    rates: dict[str, list[float]] = defaultdict(list)
    costs: dict[str, list[float]] = defaultdict(list)
    times: dict[str, Histogram] = defaultdict(Histogram)
    nchan = next(peer for peer in PEERS if peer.name == NCHAN)
    async with serving(context, [CIRCLES_HUB, nchan]) as served, AsyncExitStack() as cleanup:
        pairs = []
        for one in served:
            generator = await cleanup.enter_async_context(
                generating(context.programs, f"polling {one.peer.name}")
            )
            await open_polls(generator, one, count)
            pairs.append((one, generator))
        for _ in range(context.count(5, 2)):
            for one, generator in pairs:
                name, before = one.peer.name, one.cpu()
                run = await generator.closed(1, context.pick(2.0, 0.5))
                if wrong := faults(run):
                    section.void.append(f"{name}: {', '.join(wrong)}")
                rates[name].append(0.0 if wrong else run.rate)
                costs[name].append((one.cpu() - before) / max(1, run.received) * 1e6)
                times[name] += run.frames
    for name, found in rates.items():
        p50, p99 = (round(times[name].percentile(share), 2) for share in (0.5, 0.99))
        rate, cost = round(median([r for r in found if r])), round(median(costs[name]), 1)
        section.rows.append([name, count, rate, cost, p50, p99])
    section.add_headline(
        "long-poll deliveries/s: Circles hub ÷ nchan", ratio(rates[CIRCLES], rates[NCHAN]), "≥0.3"
    )
    return section


async def open_polls(generator: Generator, one: Served, count: int) -> None:
    """The first question is answered at once, and tells where to go on."""
    await generator.define([], [one.publisher()])
    await generator.pool(one.port)
    await generator.closed(1, 0.01)
    if one.peer.name == NCHAN:
        go_on = "/poll HTTP/1.1\r\nIf-Modified-Since: {modified}\r\nIf-None-Match: {etag}"
    else:
        go_on = "/poll?after={cursor} HTTP/1.1"
    talk = [
        ("GET /poll HTTP/1.1\r\nHost: bench\r\n\r\n", "\r\n\r\n"),
        (f"GET {go_on}\r\nHost: bench\r\n\r\n", ""),
    ]
    await generator.define([Stream(one.port, talk, 0, "p")] * count, [])
    await generator.open(0, count)
    await asyncio.sleep(0.3)


async def idle_latency(context: Context) -> Section:
    section = Section(
        "idle",
        "Idle latency (memory class)",
        _IDLE_WORDS,
        ("server", "messages", "p50 ms", "p99 ms", "p99.9 ms"),
    )
    medians: dict[str, list[float]] = defaultdict(list)
    times: dict[str, Histogram] = defaultdict(Histogram)
    peers = [floor(context.programs), CIRCLES_HUB, *PEERS]
    async with serving(context, peers) as served, AsyncExitStack() as cleanup:
        pairs: list[tuple[Served, Generator]] = []
        for one in served:
            generator = await cleanup.enter_async_context(
                generating(context.programs, f"idle {one.peer.name}")
            )
            await open_readers(generator, one, 1)
            pairs.append((one, generator))
        for _ in range(context.count(5, 1)):
            for one, generator in pairs:
                run = await generator.paced(20, context.pick(1.5, 1.0), 2.0)
                if wrong := faults(run):
                    section.void.append(f"{one.peer.name}: {', '.join(wrong)}")
                medians[one.peer.name].append(run.frames.percentile(0.5))
                times[one.peer.name] += run.frames
    _report_idle(section, medians, times)
    return section


def _report_idle(
    section: Section, medians: dict[str, list[float]], times: dict[str, Histogram]
) -> None:
    for name, found in times.items():
        cells: Sequence[float] = [round(found.percentile(s), 3) for s in (0.5, 0.99, 0.999)]
        section.rows.append([name, found.total, *cells])
    for name, aim in ((NCHAN, "≤2.8"), ("node http", "")):
        what = f"idle p50: Circles hub ÷ {name}"
        section.add_headline(what, ratio(medians[CIRCLES], medians[name]), aim)

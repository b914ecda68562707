"""Circles beside itself: receipts on and off, with and without readers that are dead."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack

from bench.circles import Circles
from bench.context import Context, serving
from bench.figures import Histogram, median, ratio
from bench.gate import faults
from bench.generator import Generator, Stream, generating
from bench.peers.memory import CIRCLES_HUB
from bench.section import Section
from bench.stack import Stack
from bench.workloads.measuring import measure, percentiles

SIZE, GROUPS = 100, 4
RATE = 60.0
DEAD_SHARE = 0.05
HUB_STREAMS = 1000
_COLUMNS = ("what", "messages/s", "notifications/s", "p50 ms", "p99 ms", "p99.9 ms")
_RECEIPTS = """Groups of {size}, {rate:.0f} messages a second. Off means that every stream is
opened with `?ack=client` and nobody acknowledges: nothing counts as delivered, so no watermark
moves, no event tells chat, and no sender is told. It is the nearest to a system without receipts
that needs no other code."""
_DEAD = """Of {streams} streams every twentieth is opened and then never read. The others' times
are counted: a reader that stands still must not hold them up, and is cut off in the end. Memory
class, on the hub alone, where a stream fills up soonest; messages are posted at fixed times."""


async def receipts(context: Context, stack: Stack) -> Section:
    section = Section(
        "receipts",
        "What receipts cost",
        _RECEIPTS.format(size=SIZE, rate=RATE),
        (*_COLUMNS, "CPU µs per notification"),
    )
    on, off = Circles(stack, name="receipts on"), Circles(stack, "?ack=client", name="receipts off")
    costs: dict[str, list[float]] = defaultdict(list)
    times: dict[str, Histogram] = defaultdict(Histogram)
    async with AsyncExitStack() as cleanup:
        pairs: list[tuple[Circles, Generator]] = []
        for system in (on, off):
            generator = await cleanup.enter_async_context(
                generating(context.programs, system.name, None)
            )
            await system.gather(generator, GROUPS, SIZE)
            pairs.append((system, generator))
        for _ in range(context.count(4, 1)):
            for system, generator in pairs:
                found = await measure(context, system, generator, RATE)
                if wrong := faults(found.run):
                    section.void.append(f"{system.name}: {', '.join(wrong)}")
                costs[system.name].append(0.0 if wrong else found.microseconds)
                times[system.name] += found.run.frames
    for name, values in costs.items():
        cost = round(median([v for v in values if v]), 1)
        section.rows.append([name, RATE, RATE * (SIZE - 1), *percentiles(times[name]), cost])
    found_ratio = ratio(costs[on.name], costs[off.name])
    section.add_headline("CPU per notification: receipts on ÷ off", found_ratio, "≤1.25")
    await stack.vacuum()
    return section


async def dead_readers(context: Context) -> Section:
    count = context.count(HUB_STREAMS, 200)
    section = Section("dead", "Dead readers (memory class)", _DEAD.format(streams=count), _COLUMNS)
    rate = context.pick(20.0, 20.0)
    tails: dict[str, list[float]] = defaultdict(list)
    times: dict[str, Histogram] = defaultdict(Histogram)
    for _ in range(context.count(3, 1)):
        for name, share in (("5 % dead", DEAD_SHARE), ("none dead", 0.0)):
            async with (
                serving(context, [CIRCLES_HUB]) as served,
                generating(context.programs, name) as generator,
            ):
                one = served[0]
                streams = _some_dead(one.readers(count), share)
                await generator.define(streams, [one.publisher()])
                await generator.pool(one.port)
                await generator.open(0, count)
                # The first seconds fill the dead ones' buffers, the rest counts as well.
                run = await generator.paced(rate, context.pick(6.0, 2.0), 5.0)
                if wrong := faults(run):
                    section.void.append(f"{name}: {', '.join(wrong)}")
                tails[name].append(0.0 if wrong else run.frames.percentile(0.99))
                times[name] += run.frames
    for name, found in times.items():
        readers = count - round(count * (DEAD_SHARE if name == "5 % dead" else 0.0))
        section.rows.append([name, rate, rate * readers, *percentiles(found)])
    what = "p99 of the others: 5 % dead ÷ none dead"
    section.add_headline(what, ratio(tails["5 % dead"], tails["none dead"]), "≤1.1")
    return section


def _some_dead(streams: Sequence[Stream], share: float) -> list[Stream]:
    every = round(1 / share) if share else len(streams) + 1
    return [
        Stream(one.port, one.steps, one.group, "d" if number % every == every - 1 else "-")
        for number, one in enumerate(streams)
    ]

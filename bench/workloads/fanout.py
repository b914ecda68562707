"""Live fan-out: one message to many streams, and bursts of them. Memory class: nothing is kept."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack

from bench.context import BURST, Context, Served, serving
from bench.figures import median, ratio
from bench.gate import faults
from bench.generator import Generator, generating
from bench.peers.memory import CIRCLES, CIRCLES_HUB, FLOOR, NCHAN, PEERS, floor
from bench.section import Bars, Section

SIZES = (100, 1000, 5000)
TURNS = 4
WINDOWS = {"single": 1, f"burst of {BURST}": BURST}
_WORDS = """Each server holds the streams on one core, the load generator reads on another. A
message is posted; when every stream has it, the next one. A burst is 16 messages posted in one
call, and in 16 calls one behind the other to nchan, which takes them no other way. Peers are
given the burst event by event, as their examples do it (Node joins writes of one turn by
itself); the hub joins what is pushed together, as it does with a batch from the broker. CPU is
the server's alone, for each frame, with the call that brought the message. The hub of Circles is
the notifier's own code without broker, database, tokens and heartbeats (`bench/hub.py`); the
floor is a C program that calls send(2) for each stream and does nothing else."""
# By server and kind: what our hub should reach beside it.
_AIMS = {
    (FLOOR, "single"): "≥0.70",
    (NCHAN, "single"): "≥1.2",
    (NCHAN, "burst of 16"): "≥6",
    ("node http", "single"): "≥1.5",
    ("tornado", "single"): "≥2.3",
    ("better-sse", "single"): "≥3",
    ("sse-starlette", "single"): "≥3",
}
_AIMED_SIZE = 1000


async def fanout(context: Context) -> Section:
    section = Section(
        "fanout",
        "Live fan-out (memory class)",
        _WORDS,
        ("streams", "messages", "server", "frames/s", "CPU µs per frame", "p50 ms", "p99 ms"),
    )
    peers = [floor(context.programs), CIRCLES_HUB, *PEERS]
    sizes = SIZES[1:2] if context.quick else SIZES
    section.words += "\n" + "".join(f"\n- {peer.name}: {peer.words}" for peer in peers)
    async with serving(context, peers) as served:
        for size in sizes:
            await _one_size(context, served, size, section)
    return section


async def _one_size(
    context: Context, served: Sequence[Served], size: int, section: Section
) -> None:
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    costs: dict[tuple[str, str], list[float]] = defaultdict(list)
    times: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    seconds = context.pick(1.0, 0.5)
    async with AsyncExitStack() as cleanup:
        pairs: list[tuple[Served, Generator]] = []
        for one in served:
            generator = await cleanup.enter_async_context(
                generating(context.programs, f"fanout {one.peer.name}")
            )
            await open_readers(generator, one, size, bursts=True)
            pairs.append((one, generator))
        for repetition in range(context.count(TURNS, 1)):
            for one, generator in pairs:
                for kind, window in WINDOWS.items():
                    before = one.cpu()
                    run = await generator.closed(window, seconds)
                    used = one.cpu() - before
                    key = (one.peer.name, kind)
                    if wrong := faults(run):
                        section.void.append(f"{one.peer.name}, {size}, {kind}: {', '.join(wrong)}")
                        # Pairs stay pairs.
                        rates[key].append(0.0)
                        costs[key].append(0.0)
                        continue
                    rates[key].append(run.rate)
                    costs[key].append(used / run.received * 1e6)
                    times[key].append((run.frames.percentile(0.5), run.frames.percentile(0.99)))
            context.say(f"{size} streams, round {repetition + 1}: {_summary(rates)}")
    _report(section, served, size, rates, costs, times)


async def open_readers(
    generator: Generator, one: Served, count: int, *, bursts: bool = False
) -> None:
    """Open `count` streams of a peer, and a connection to post by; void if not all open."""
    await generator.define(one.readers(count), one.publishers() if bursts else [one.publisher()])
    await generator.pool(one.port)
    await generator.open(0, count)
    # A framework may send its headers before it lists the stream.
    await asyncio.sleep(0.3)


def _summary(rates: dict[tuple[str, str], list[float]]) -> str:
    return ", ".join(
        f"{name} {values[-1] / 1000:.0f} k/s"
        for (name, kind), values in rates.items()
        if kind == "single"
    )


def _report(
    section: Section,
    served: Sequence[Served],
    size: int,
    rates: dict[tuple[str, str], list[float]],
    costs: dict[tuple[str, str], list[float]],
    times: dict[tuple[str, str], list[tuple[float, float]]],
) -> None:
    names = [one.peer.name for one in served]
    for kind in WINDOWS:
        for name in names:
            key = (name, kind)
            found = times[key] or [(0.0, 0.0)]
            good = [(r, c) for r, c in zip(rates[key], costs[key], strict=True) if r]
            section.rows.append(
                [
                    *(size, kind, name, round(median([r for r, _ in good]))),
                    round(median([c for _, c in good]), 2),
                    *(round(median([t[n] for t in found]), 3) for n in (0, 1)),
                ]
            )
        values = [(name, median([r for r in rates[name, kind] if r])) for name in names]
        title = f"Frames a second, {size} streams, {kind}"
        section.bars.append(Bars(title, "/s", values))
        for name in names:
            if name == CIRCLES or CIRCLES not in names:
                continue
            aim = _AIMS.get((name, kind), "") if size == _AIMED_SIZE else ""
            if (name, kind, size) == (NCHAN, "single", 100):
                aim = "≥0.95"
            what = f"frames/s, {size} streams, {kind}: Circles hub ÷ {name}"
            section.add_headline(what, ratio(rates[CIRCLES, kind], rates[name, kind]), aim)

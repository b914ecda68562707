"""The durable path: from a POST to the frame, everything stored on the way."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench.context import Context
from bench.figures import figure, ratio
from bench.gate import faults
from bench.generator import generating
from bench.section import Bars, Section
from bench.stack import Stack
from bench.systems import System
from bench.workloads.durable_floor import DurableFloor, durable_floor
from bench.workloads.measuring import Measured, cells, measure
from bench.workloads.rates import BEHIND_SECONDS, Loaded, find_rate

# Groups by their size: small ones are many, so that there are some hundred streams of each.
SHAPES = {2: 200, 100: 8, 1000: 1}
_QUICK_SIZES = (100,)
IDLE_RATE = 10.0
# One reader for each message: a percentile of a hundredth takes a thousand of them.
_TAIL, _TAIL_RATE, _TAIL_SECONDS = "idle, for its tail", 20.0, 52.0
SETTLE_SECONDS = 15.0
_WORDS = """Messages are posted at fixed times, whatever became of those before; every member has
a stream open. Latency counts from the time at which a message was due to the frame at each
reader. The highest rate held is found by steps: nothing lost, doubled or out of order, and the
last frame within {behind:.2f} s of the last message. Then idle (10 messages a second, or a
quarter of that rate where it is lower), half of that rate and 80 % of it are measured, systems in
turn. Load generator, PostgreSQL (fsync on), broker, gateway and services share all cores; CPU is
that of all of them but the generator.

Circles goes through its gateway, with receipts on, and stores an entry for every member.
ejabberd is there twice: as its rooms are, archiving a message once (MAM), and *per member*, with
subscribers (MucSub) whose own archives each get the message, which is the same work as ours. No
receipts are sent there. Synapse stores an event once; its members sync by long poll, in fewer
groups, because making its accounts takes long, and in groups of two alone: in one of a hundred it
did not hold a message a second. Both are reached without a
gateway. Each system has a PostgreSQL of its own, of the same settings."""


@dataclass(frozen=True)
class Level:
    """A share of the highest rate (0.0: idle), measured so many times in turn."""

    label: str
    share: float
    turns: int


_JUDGED = "80 %"
LEVELS = (("idle", 0.0, 1), ("half", 0.5, 1), (_JUDGED, 0.8, 3))
_HELD_AIMS = {2: "≥1,500", 100: "≥40,000", 1000: "≥40,000"}


async def durable(context: Context, stack: Stack, systems: Sequence[System]) -> Section:
    section = Section(
        "durable",
        "Durable path, POST to frame",
        _WORDS.format(behind=BEHIND_SECONDS),
        (
            *("group of", "load", "system", "messages/s", "notifications/s"),
            *("p50 ms", "p99 ms", "p99.9 ms", "answer p50 ms"),
            *("CPU ms per message", "CPU µs per notification", "CPU by part, %"),
        ),
    )
    floor = await durable_floor(context, stack)
    section.words += (
        f"\n\nThe floor of this path, in the same run: a commit takes {floor.commit:.2f} ms, a hop "
        f"through the broker {floor.hop:.2f} ms (medians, idle)."
    )
    for size in _QUICK_SIZES if context.quick else SHAPES:
        await _one_size(context, systems, size, section)
        _against_floor(section, size, floor)
        for system in systems:
            await system.vacuum()
    return section


async def _one_size(
    context: Context, systems: Sequence[System], size: int, section: Section
) -> None:
    async with AsyncExitStack() as cleanup:
        loaded = []
        for system in systems:
            if size > system.largest:
                context.skip(f"{system.name}, groups of {size}", "it is not measured with such")
                continue
            name = f"durable {system.name} {size}"
            generator = await cleanup.enter_async_context(generating(context.programs, name, None))
            await system.gather(generator, SHAPES[size], size)
            loaded.append(Loaded(system, generator, size))
        rates = {one.system.name: await find_rate(context, one, section) for one in loaded}
        for label, share, turns in LEVELS[:: 2 if context.quick else 1]:
            await _compare(context, loaded, Level(label, share, turns), rates, section)
        if size == min(SHAPES) and not context.quick:
            await _tail(context, loaded[0], section)
    held = [(name, rate * (size - 1)) for name, rate in rates.items()]
    section.bars.append(Bars(f"Highest rate held, groups of {size}", "notifications/s", held))
    if held[0][1] and size in _HELD_AIMS:
        unit = "messages/s" if size == 2 else "notifications/s"
        best = rates[loaded[0].system.name] * (1 if size == 2 else size - 1)
        what = f"highest rate held, groups of {size}, {unit}"
        section.add_headline(what, figure([best]), _HELD_AIMS[size])
        context.found[f"held {size}"] = held[0][1]
    for name, best in held[1:]:
        what = f"highest rate held, groups of {size}: {held[0][0]} ÷ {name}"
        section.add_headline(what, ratio([held[0][1]], [best]), main=True)


async def _compare(
    context: Context,
    loaded: Sequence[Loaded],
    level: Level,
    rates: dict[str, float],
    section: Section,
) -> None:
    """Take turns, each system at its own rate."""
    found: dict[str, list[Measured]] = defaultdict(list)
    costs: dict[str, list[float]] = defaultdict(list)
    for _ in range(context.count(level.turns, 1)):
        for one in loaded:
            name = one.system.name
            rate = rates[name] * level.share if level.share else min(IDLE_RATE, rates[name] / 4)
            if not rate:
                context.skip(f"{name}, groups of {one.size}", "no rate was held")
                continue
            measured = await measure(context, one.system, one.generator, rate)
            if wrong := faults(measured.run):
                section.void.append(
                    f"{name}, groups of {one.size}, {level.label}: {', '.join(wrong)}"
                )
                costs[name].append(0.0)
                continue
            found[name].append(measured)
            costs[name].append(measured.per_message)
    size = loaded[0].size
    for name, ours in found.items():
        section.rows.append([size, level.label, name, *cells(ours)])
        p50 = section.rows[-1][5]
        context.say(f"groups of {size}, {level.label}, {name}: p50 {p50} ms")
    if level.label == _JUDGED:
        first, *others = list(costs)
        for name in others:
            what = f"messages per CPU second, groups of {size}: {first} ÷ {name}"
            aim = "≥20" if name == "Synapse" else "≥1" if size == 2 else "≥2"
            section.add_headline(what, ratio(costs[name], costs[first]), aim)


async def _tail(context: Context, ours: Loaded, section: Section) -> None:
    measured = await measure(context, ours.system, ours.generator, _TAIL_RATE, _TAIL_SECONDS)
    if wrong := faults(measured.run):
        section.void.append(f"{ours.system.name}, {_TAIL}: {', '.join(wrong)}")
        return
    section.rows.append([ours.size, _TAIL, ours.system.name, *cells([measured])])


def _against_floor(section: Section, size: int, floor: DurableFloor) -> None:
    """Our idle latency against two commits and a hop, by medians, and its tail against itself."""
    for row in section.rows:
        if row[0] != size or row[2] != "Circles" or not isinstance(row[5], float):
            continue
        if row[1] == "idle":
            what = f"idle p50, groups of {size}: Circles ÷ (2 commits + broker hop)"
            section.add_headline(what, ratio([row[5]], [floor.path]), "≤2")
            what = f"idle p50, groups of {size}, ms"
            section.add_headline(what, figure([row[5]]), "≤5" if size == 2 else "")
        if row[1] in ("idle", _TAIL) and isinstance(row[6], float):
            what = f"idle p99 ÷ p50, groups of {size}: Circles"
            section.add_headline(what, ratio([row[6]], [row[5]]), "≤4")

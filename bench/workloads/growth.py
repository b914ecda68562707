"""Whether costs stay flat: with the size of groups, the number of users, and time."""

from collections.abc import Sequence

from bench import circles
from bench.circles import Circles
from bench.context import Context
from bench.figures import figure
from bench.gate import faults
from bench.generator import generating
from bench.section import Curve, Section
from bench.stack import Stack
from bench.workloads.measuring import Measured, measure, percentiles

SIZES = (2, 5, 10, 20, 50, 100, 200, 500, 1000)
# Streams at a time, so that the small groups are many.
STREAMS = 400
NOTIFICATIONS_PER_SECOND = 4000.0
MOST_MESSAGES_PER_SECOND = 100.0
KNOWN = (400, 5000, 50_000)
MEMBERS = 1000
# Of five seconds each: one is a tenth above or below the next.
USERS_TURNS = 3
WINDOWS = 5
WINDOW_RATE = 150.0
_SERVICES = ("chat-1", "groups-1", "notifier-1")
_SIZES = """Groups of each size, every member with a stream, at a rate of at most
{most:.0f} messages and {notifications:.0f} notifications a second: far below what is held, so that
the cost is the work's and not the queue's. CPU is that of all parts."""
_USERS = """People are added in groups of a thousand, offline, until so many are known. Then
groups of two post {rate:.0f} messages a second, as before, {turns} times; the run whose cost is in
the middle counts."""
_TIME = """The same traffic without a pause, {rate:.0f} messages a second in groups of twenty: CPU
for each notification and the memory of the three services, part after part of the run."""


async def group_sizes(context: Context, stack: Stack) -> Section:
    section = Section(
        "sizes",
        "Cost by the size of a group",
        _SIZES.format(most=MOST_MESSAGES_PER_SECOND, notifications=NOTIFICATIONS_PER_SECOND),
        (
            *("group of", "messages/s", "notifications/s", "CPU ms per message"),
            *("CPU µs per notification", "p50 ms", "p99 ms"),
        ),
    )
    costs: dict[int, float] = {}
    for size in SIZES if not context.quick else (2, 100):
        rate = min(MOST_MESSAGES_PER_SECOND, NOTIFICATIONS_PER_SECOND / (size - 1))
        found = await _loaded(context, stack, size, rate, section)
        if found is None:
            continue
        costs[size] = found.microseconds
        section.rows.append(
            [
                *(size, round(rate, 1), round(rate * (size - 1))),
                *(round(found.per_message * 1e3, 2), round(found.microseconds, 1)),
                *percentiles(found.run.frames)[:2],
            ]
        )
        context.say(f"groups of {size}: {found.microseconds:.0f} µs per notification")
    _curve(section, "CPU for each notification", "µs", "members", costs)
    if 100 in costs and 1000 in costs:
        what = "CPU per notification: groups of 1,000 ÷ groups of 100"
        section.add_headline(what, figure([costs[1000] / costs[100]]), "≤1.1")
    await stack.vacuum()
    return section


async def known_users(context: Context, stack: Stack) -> Section:
    rate = MOST_MESSAGES_PER_SECOND
    section = Section(
        "users",
        "Cost by the number of users",
        _USERS.format(rate=rate, turns=context.count(USERS_TURNS, 1)),
        ("users known", "CPU ms per message", "p50 ms", "p99 ms", *_memory_columns()),
    )
    costs: dict[int, float] = {}
    known = await _mailboxes(stack)
    for users in KNOWN if not context.quick else KNOWN[:2]:
        while known < users:
            await circles.crowd(stack, 1, min(MEMBERS, users - known + 1))
            await stack.settled(120.0)
            known = await _mailboxes(stack)
        await stack.vacuum()
        found = await _loaded(context, stack, 2, rate, section, context.count(USERS_TURNS, 1))
        known = await _mailboxes(stack)
        if found is None:
            continue
        costs[known] = found.per_message * 1e3
        times = percentiles(found.run.frames)[:2]
        section.rows.append([known, round(costs[known], 2), *times, *_memory(stack)])
        context.say(f"{known} users known: {costs[known]:.2f} ms of CPU per message")
    _curve(section, "CPU for each message", "ms", "users known", costs)
    if len(costs) > 1:
        values = list(costs.values())
        what = f"CPU per message: {max(costs):,} users known ÷ {min(costs):,}"
        section.add_headline(what, figure([values[-1] / values[0]]), "≤1.1")
    return section


async def time_running(context: Context, stack: Stack) -> Section:
    section = Section(
        "time",
        "Cost over time",
        _TIME.format(rate=WINDOW_RATE),
        ("messages so far", "CPU µs per notification", "p50 ms", "p99 ms", *_memory_columns()),
    )
    costs: dict[int, float] = {}
    system, sent = Circles(stack), 0
    async with generating(context.programs, "time", None) as generator:
        await system.gather(generator, STREAMS // 20, 20)
        for _ in range(context.count(WINDOWS, 2)):
            run = await generator.paced(WINDOW_RATE, context.pick(10.0, 1.0), 15.0)
            sent += run.accepted
            found = await measure(context, system, generator, WINDOW_RATE)
            sent += found.run.accepted
            if wrong := faults(run) + faults(found.run):
                section.void.append(f"after {sent} messages: {', '.join(wrong)}")
                continue
            costs[sent] = found.microseconds
            times = percentiles(found.run.frames)[:2]
            section.rows.append([sent, round(found.microseconds, 1), *times, *_memory(stack)])
    _curve(section, "CPU for each notification", "µs", "messages so far", costs)
    if len(costs) > 1:
        values = list(costs.values())
        what = f"CPU per notification: after {max(costs):,} messages ÷ after {min(costs):,}"
        section.add_headline(what, figure([values[-1] / values[0]]), "≤1.1")
    await stack.vacuum()
    return section


async def _loaded(
    context: Context, stack: Stack, size: int, rate: float, section: Section, turns: int = 1
) -> Measured | None:
    """Groups of `size` under this load, so many times: the run whose cost is in the middle. None
    when one is void."""
    async with generating(context.programs, f"growth {size}", None) as generator:
        system = Circles(stack)
        await system.gather(generator, max(1, STREAMS // size), size)
        # What is prepared, compiled and cached at the first message is not its cost.
        await generator.paced(rate, 1.0, 15.0)
        found = [await measure(context, system, generator, rate) for _ in range(turns)]
    for one in found:
        if wrong := faults(one.run):
            section.void.append(f"groups of {size}: {', '.join(wrong)}")
            return None
    return sorted(found, key=lambda one: one.per_message)[turns // 2]


async def _mailboxes(stack: Stack) -> int:
    async with stack.database("notifier") as connection:
        return int(await connection.fetchval("SELECT count(*) FROM mailboxes"))


def _memory_columns() -> Sequence[str]:
    return [f"{name.removesuffix('-1')} MB" for name in _SERVICES]


def _memory(stack: Stack) -> list[float]:
    return [round(stack.memory(name) / 2**20, 1) for name in _SERVICES]


def _curve(section: Section, title: str, unit: str, along: str, costs: dict[int, float]) -> None:
    if costs:
        section.curves.append(Curve(title, unit, along, list(costs.items())))

"""Resuming: thousands of streams that come back at once, and catch up from the table."""

import asyncio
from collections import defaultdict

from bench import circles
from bench.circles import Crowd
from bench.context import Context
from bench.figures import median, ratio
from bench.generator import Generator, Stream, generating
from bench.section import Cell, Section
from bench.stack import Stack
from bench.systems import shares, spent
from bench.workloads.connections import NCHAN_CONNECT

MEMBERS = 100
# How many messages of their group each client missed, and how many clients there are.
MISSED = {0: 2000, 10: 2000, 100: 1000}
AT_ONCE = 512
DEADLINE_SECONDS = 60.0
_WORDS = """Clients come back with their cursors, {at_once} handshakes at a time, through the
gateway, and each must get exactly what it missed, in order. Time is from the first handshake to
the last entry; CPU is that of gateway, notifier and PostgreSQL for each client."""


async def resume(context: Context, stack: Stack) -> Section:
    section = Section(
        "resume",
        "Resuming with catch-up",
        _WORDS.format(at_once=AT_ONCE),
        (
            *("clients", "missed by each", "seconds", "clients/s", "entries/s"),
            *("handshake p50 ms", "p99 ms", "CPU µs per client", "CPU by part, %"),
        ),
    )
    for missed, clients in MISSED.items():
        groups = max(2, context.count(clients, clients // 10) // MEMBERS)
        spent_on: dict[str, float] = defaultdict(float)
        rounds = [
            await _one(context, stack, groups, missed, section, spent_on)
            for _ in range(_rounds(context))
        ]
        found = [one for one in rounds if one]
        if found:
            columns = [[row[n] for row in found] for n in range(len(found[0]))]
            row: list[Cell] = [int(columns[0][0]), missed]
            row += [round(median(values), 2) for values in columns[1:]]
            row.append(shares(spent_on))
            section.rows.append(row)
            context.say(f"{columns[0][0]:.0f} clients, {missed} missed: {median(columns[1]):.2f} s")
            bare = context.found.get(NCHAN_CONNECT, 0.0)
            what = f"CPU per client, {missed} missed: Circles resumed ÷ nchan's bare connect"
            section.add_headline(what, ratio(columns[-1], [bare] * len(found)), "≤2")
        await stack.vacuum()
    return section


def _rounds(context: Context) -> int:
    return context.count(3, 1)


async def _one(
    context: Context,
    stack: Stack,
    groups: int,
    missed: int,
    section: Section,
    spent_on: dict[str, float],
) -> list[float] | None:
    """Clients, seconds, clients/s, entries/s, p50, p99 and CPU; None for a void round. Adds to
    `spent_on` the seconds of CPU of each part."""
    crowd = await circles.crowd(stack, groups, MEMBERS)
    async with generating(context.programs, f"resume {missed}", None) as generator:
        if missed:
            await post(stack, generator, crowd, missed)
        await stack.settled(120.0)
        streams = returning(stack, crowd)
        await generator.define(streams, [])
        before = stack.cpu()
        opened = await generator.open(0, len(streams), AT_ONCE)
        run = await generator.wait_for(missed * len(streams), DEADLINE_SECONDS)
        # Whatever would come twice has time to come.
        await asyncio.sleep(0.5)
        again = await generator.wait_for(0, 0.1)
        await stack.settled()
        used = spent(before, stack.cpu())
        wrong = opened.failed or again.doubled or again.gaps or again.reordered
        if wrong or again.received != missed * len(streams):
            section.void.append(
                f"{missed} missed: {opened.failed} not opened, {again.received} of "
                f"{missed * len(streams)} entries, {again.doubled} doubled, {again.gaps} gaps"
            )
            return None
    seconds = max(opened.seconds, run.seconds)
    parts = {part: used[part] for part in ("gateway", "notifier-1", "postgres")}
    for part, seconds_used in parts.items():
        spent_on[part] += seconds_used
    cost = sum(parts.values()) / len(streams) * 1e6
    return [
        *(len(streams), seconds, len(streams) / seconds, missed * len(streams) / seconds),
        *(opened.times.percentile(0.5), opened.times.percentile(0.99), cost),
    ]


async def post(stack: Stack, generator: Generator, crowd: Crowd, each: int) -> None:
    """`each` messages in every group, while nobody reads."""
    await generator.define([], circles.posters(stack, crowd, 1))
    await generator.pool(stack.port, circles.CONNECTIONS, 1)
    total = each * len(crowd.ids)
    rate = 100.0
    while total:
        # A run holds as many messages as it lasts: none is refused for coming too fast.
        run = await generator.paced(rate, total / rate, 60.0)
        total -= run.accepted


def returning(stack: Stack, crowd: Crowd) -> list[Stream]:
    """All but the creators, each after the invitation: the first entry of a new member."""
    return [
        Stream(stack.port, [(circles.stream_request(stack, member, cursor="1"), "\r\n\r\n")], g)
        for g, members in enumerate(crowd.people)
        for member in members[1:]
    ]

"""Relay and consumer alone: what each does when the other stages stand still."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

import asyncpg

from bench import circles
from bench.context import Context
from bench.figures import ratio
from bench.gate import faults
from bench.generator import generating
from bench.section import Section
from bench.stack import Stack
from bench.systems import spent
from bench.workloads.durable_floor import raw_inserts

# Messages by the size of their groups.
MESSAGES = {2: 4000, 100: 1500, 1000: 200}
GROUPS = {2: 50, 100: 4, 1000: 1}
RATE = 400.0
DEADLINE_SECONDS = 120.0
_WORDS = """The broker is frozen (SIGSTOP) while messages are posted: their events wait in chat's
outbox. Then the notifier is frozen instead, and the relay publishes them: that is the relay
alone. Then the notifier wakes and stores them for every member, with nobody online: that is the
consumer alone, and how it drains what piled up. CPU is of all parts together."""
_UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
_ENTRIES = """SELECT coalesce(sum(last_seq), 0)::bigint FROM mailboxes WHERE user_id COLLATE "C"
= ANY($1::text[])"""

_UPDATES = """SELECT n_tup_upd AS updated, n_tup_hot_upd AS hot FROM pg_stat_user_tables
WHERE relname = 'mailboxes'"""


async def stages(context: Context, stack: Stack) -> Section:
    section = Section(
        "stages",
        "Relay and consumer alone",
        _WORDS,
        (
            *("group of", "messages", "relay events/s", "relay CPU µs per event"),
            *("consumer events/s", "entries/s", "consumer CPU µs per entry"),
            "HOT updates of mailboxes, %",
        ),
    )
    for size in list(MESSAGES)[: context.count(3, 2)]:
        await _one(context, stack, size, context.count(MESSAGES[size], 100), section)
        await stack.vacuum()
        raw = await raw_inserts(context, stack)
        for row in section.rows:
            if row[0] == size and isinstance(row[5], int):
                what = f"entries/s, groups of {size}: consumer alone ÷ raw inserts"
                section.add_headline(what, ratio([float(row[5])], [raw]))
                what = f"draining what piled up ÷ highest rate held, groups of {size}"
                held = context.found.get(f"held {size}", 0.0)
                section.add_headline(what, ratio([float(row[5])], [held]), "≥0.9")
    return section


async def _one(context: Context, stack: Stack, size: int, count: int, section: Section) -> None:
    crowd = await circles.crowd(stack, GROUPS[size], size)
    await stack.settled(60.0)
    async with stack.database("chat") as chat, stack.database("notifier") as notifier:

        async def unpublished() -> int:
            return int(await chat.fetchval(_UNPUBLISHED))

        async def entries() -> int:
            return int(await notifier.fetchval(_ENTRIES, crowd.members))

        async def published() -> bool:
            return await unpublished() == 0

        before, updates = await entries(), await _mailbox_updates(notifier)
        wanted = before + count * (size - 1)

        async def stored() -> bool:
            return await entries() >= wanted

        stack.signal("rabbitmq", signal.SIGSTOP)
        try:
            if not await _posted(context, stack, crowd, count, section):
                return
        finally:
            stack.signal("notifier-1", signal.SIGSTOP)
            stack.signal("rabbitmq", signal.SIGCONT)
        try:
            relay_seconds, relay_cpu = await _timed(stack, published)
        finally:
            stack.signal("notifier-1", signal.SIGCONT)
        drain_seconds, drain_cpu = await _timed(stack, stored)
        hot = _share(updates, await _mailbox_updates(notifier))
        if (told := await entries()) != wanted:
            section.void.append(f"groups of {size}: {told - before} entries, not {wanted - before}")
            return
    total = count * (size - 1)
    section.rows.append(
        [
            *(size, count, round(count / relay_seconds), round(relay_cpu / count * 1e6)),
            *(round(count / drain_seconds), round(total / drain_seconds)),
            *(round(drain_cpu / total * 1e6, 1), hot),
        ]
    )
    context.say(f"groups of {size}: relay {relay_seconds:.1f} s, consumer {drain_seconds:.1f} s")


async def _mailbox_updates(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> tuple[int, int]:
    """How many rows of mailboxes were updated so far, and how many within their page."""
    # Counts come late, and a transaction keeps those that it has seen.
    await asyncio.sleep(1.5)
    row = await connection.fetchrow(_UPDATES)
    return (row["updated"], row["hot"]) if row else (0, 0)


def _share(before: tuple[int, int], after: tuple[int, int]) -> float | None:
    """Percent of the updates in between that stayed within their page."""
    updated = after[0] - before[0]
    return round(100 * (after[1] - before[1]) / updated, 1) if updated else None


async def _posted(
    context: Context, stack: Stack, crowd: circles.Crowd, count: int, section: Section
) -> bool:
    async with generating(context.programs, "stages", None) as generator:
        await generator.define([], circles.posters(stack, crowd, 1))
        await generator.pool(stack.port, circles.CONNECTIONS, 1)
        run = await generator.paced(RATE, count / RATE, DEADLINE_SECONDS)
        wrong = [line for line in faults(run) if line != "nothing was received"]
        if wrong or run.accepted != count:
            section.void.append(f"posting for the stages: {', '.join(wrong)}")
            return False
    return True


async def _timed(stack: Stack, done: Callable[[], Awaitable[bool]]) -> tuple[float, float]:
    """Seconds and CPU seconds until it is done. Raises TimeoutError."""
    began, before = time.monotonic(), stack.cpu()
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await done():  # noqa: ASYNC110 - what sets it is another process
            await asyncio.sleep(0.05)
    return time.monotonic() - began, sum(spent(before, stack.cpu()).values())

"""Ingest alone: how many messages a second chat takes in while nothing else is done with them."""

import json
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from bench import circles
from bench.context import Context, serving
from bench.figures import ratio
from bench.generator import Sender, generating
from bench.peers.memory import plain_http
from bench.section import Section
from bench.stack import Stack

MESSAGES = 6000
TOGETHER = 64
DEADLINE_SECONDS = 60.0
# What a run waits before its first message and after its last.
IDLE_SECONDS = 0.3
_WORDS = """As many messages as chat takes, posted over 64 connections through the gateway, each
following the answer to the one before, while the broker is frozen (SIGSTOP): events wait in the
outbox. Beside it what it can't be faster than, in the same run: aiohttp alone on a core
answering such a POST with JSON, and PostgreSQL alone storing 64 messages with their outbox rows in
each transaction (fsync on). The ceiling is one after the other on a core: 1 ÷ (1/HTTP +
1/commit)."""


async def ingest(context: Context, stack: Stack) -> Section:
    section = Section("ingest", "Ingest alone", _WORDS, ("what", "messages/s"))
    count = context.count(MESSAGES, 500)
    http = await _http_alone(context, count * 5)
    commit = await _commits_alone(context, stack)
    ours = [await _ours(context, stack, count, section) for _ in range(context.count(3, 1))]
    ceiling = 1 / (1 / http + 1 / commit) if http and commit else 0.0
    for name, value in (
        ("HTTP alone", http),
        ("commits alone", commit),
        ("ceiling", ceiling),
        ("Circles, ingest alone", max(ours)),
    ):
        section.rows.append([name, round(value)])
        context.say(f"{name}: {value:.0f} messages/s")
    found = ratio(ours, [ceiling] * len(ours))
    section.add_headline("ingest alone ÷ ceiling of HTTP and commit", found, "≥0.5")
    await stack.vacuum()
    return section


async def _ours(context: Context, stack: Stack, count: int, section: Section) -> float:
    async with taking_in(context, stack, count) as posting:
        rate = await posting
    if not rate:
        section.void.append("ingest: not every call was accepted")
    return rate


@asynccontextmanager
async def taking_in(
    context: Context, stack: Stack, count: int = MESSAGES
) -> AsyncIterator[Awaitable[float]]:
    """Groups, a frozen broker, and what posts messages to them once it is awaited: the messages a
    second. At the end of the block all that waited is told."""
    crowd = await circles.crowd(stack, 16, 2)
    await stack.settled(60.0)
    stack.signal("rabbitmq", signal.SIGSTOP)
    try:
        yield _posting(context, stack.port, circles.posters(stack, crowd, 1), count)
    finally:
        stack.signal("rabbitmq", signal.SIGCONT)
    await stack.settled(180.0)


async def _http_alone(context: Context, count: int) -> float:
    async with serving(context, [plain_http()]) as served:
        if not served:
            return 0.0
        return await _posting(context, served[0].port, [served[0].publisher()], count)


async def _posting(context: Context, port: int, senders: Sequence[Sender], count: int) -> float:
    """Calls answered a second, with as many under way as there are connections; 0.0 if any was
    refused."""
    async with generating(context.programs, "ingest", None) as generator:
        await generator.define([], senders)
        await generator.pool(port, circles.CONNECTIONS, 1)
        for number in (200, count):
            began = time.perf_counter()
            # All due at once: each goes out as soon as a connection is free.
            run = await generator.paced(1e6, number / 1e6, DEADLINE_SECONDS)
            seconds = time.perf_counter() - began - IDLE_SECONDS
        return run.accepted / seconds if run.accepted == number else 0.0


async def _commits_alone(context: Context, stack: Stack) -> float:
    batches = context.count(300, 50)
    async with stack.database("chat") as connection:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS bench_messages (LIKE messages INCLUDING ALL)"
        )
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS bench_outbox (id bigserial PRIMARY KEY, envelope bytea)"
        )
        try:
            group, envelope = uuid4(), json.dumps({"content": "x" * 400}).encode()
            began = time.perf_counter()
            for number in range(batches):
                ids = [uuid4() for _ in range(TOGETHER)]
                await connection.execute(
                    """WITH sent AS (
                        INSERT INTO bench_messages (id, group_id, seq, ordinal, sender_id, type,
                            content, total, created_at)
                        SELECT id, $2, $3 + n, $3 + n, 'somebody', 'text', $4, 1, now()
                        FROM unnest($1::uuid[]) WITH ORDINALITY AS given (id, n) RETURNING id
                    ) INSERT INTO bench_outbox (envelope) SELECT $5 FROM sent""",
                    *(ids, group, number * TOGETHER, "x" * 80, envelope),
                )
            return batches * TOGETHER / (time.perf_counter() - began)
        finally:
            await connection.execute("DROP TABLE bench_messages, bench_outbox")

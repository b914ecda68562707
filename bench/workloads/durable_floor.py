"""What the durable path can't be faster than: two commits and one hop through the broker."""

import asyncio
import statistics
import time
from dataclasses import dataclass

import aio_pika

from bench.context import Context
from bench.stack import Stack

SAMPLES = 200


@dataclass(frozen=True)
class DurableFloor:
    """Medians in milliseconds, by clients of the same libraries on the same servers."""

    commit: float
    hop: float

    @property
    def path(self) -> float:
        """The message's commit, the hop, and the commit of the entries."""
        return 2 * self.commit + self.hop


async def durable_floor(context: Context, stack: Stack) -> DurableFloor:
    """One row committed (fsync on), and one event through a quorum queue, each alone and idle."""
    samples = context.count(SAMPLES, 50)
    return DurableFloor(await _commit(stack, samples), await _hop(stack, samples))


async def _commit(stack: Stack, samples: int) -> float:
    times = []
    async with stack.database("chat") as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS bench_floor (body bytea)")
        try:
            for _ in range(samples):
                began = time.perf_counter()
                await connection.execute("INSERT INTO bench_floor VALUES ($1)", bytes(500))
                times.append(time.perf_counter() - began)
                await asyncio.sleep(0.005)
        finally:
            await connection.execute("DROP TABLE bench_floor")
    return statistics.median(times) * 1e3


async def _hop(stack: Stack, samples: int) -> float:
    """From the publish to the consumer, through a queue like those of the services."""
    times = []
    async with await aio_pika.connect(stack.admin_amqp_url, timeout=10) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(
            "bench.floor", durable=True, arguments={"x-queue-type": "quorum"}
        )
        try:
            async with queue.iterator() as messages:
                for _ in range(samples):
                    began = time.perf_counter()
                    message = aio_pika.Message(
                        bytes(500), delivery_mode=aio_pika.DeliveryMode.PERSISTENT
                    )
                    await channel.default_exchange.publish(message, queue.name)
                    received = await anext(aiter(messages))
                    times.append(time.perf_counter() - began)
                    await received.ack()
                    await asyncio.sleep(0.005)
        finally:
            await queue.delete(if_unused=False, if_empty=False)
    return statistics.median(times) * 1e3


async def raw_inserts(context: Context, stack: Stack) -> float:
    """Rows a second that PostgreSQL stores when it has nothing else to do: a thousand in each
    transaction, with the key that entries have and no other work."""
    batches = context.count(100, 20)
    rows = list(range(1000))
    async with stack.database("notifier") as connection:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS bench_entries"
            " (mailbox bigint, seq bigint, event bigint, PRIMARY KEY (mailbox, seq))"
        )
        try:
            began = time.perf_counter()
            for seq in range(batches):
                await connection.execute(
                    "INSERT INTO bench_entries SELECT unnest($1::bigint[]), $2, $2", rows, seq
                )
            return batches * len(rows) / (time.perf_counter() - began)
        finally:
            await connection.execute("DROP TABLE bench_entries")

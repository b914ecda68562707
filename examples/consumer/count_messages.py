"""Counts the messages of each group, from the first event of the log on. Attach it at any time.

AMQP_URL=amqp://counter:secret@localhost:5672/circles COUNTS=counts.db python count_messages.py
"""

import asyncio
import json
import os
import sqlite3

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

LOG = "circles.events.log"


async def main() -> None:
    counts = sqlite3.connect(os.environ.get("COUNTS", "counts.db"))
    counts.execute("CREATE TABLE IF NOT EXISTS messages (group_id TEXT PRIMARY KEY, count INT)")
    counts.execute("CREATE TABLE IF NOT EXISTS place (only_row INT PRIMARY KEY, next_offset INT)")
    place = counts.execute("SELECT next_offset FROM place").fetchone()

    # Not a robust connection: restored by itself, it would begin again where it began.
    async with await aio_pika.connect(os.environ["AMQP_URL"]) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=500)
        log = await channel.get_queue(LOG, ensure=False)
        arguments = {"x-stream-offset": place[0] if place else "first"}
        async with log.iterator(arguments=arguments) as messages:
            async for message in messages:
                handle(counts, message)
                await message.ack()


def handle(counts: sqlite3.Connection, message: AbstractIncomingMessage) -> None:
    """The effect and the place in the log are one transaction: whatever happens, each event counts
    once. Its `id` would do as well, where the effect is elsewhere."""
    event = json.loads(message.body)
    with counts:
        if event["type"] == "chat.message.sent.v1":
            counts.execute(
                "INSERT INTO messages VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                [event["subject"]],
            )
        following = int(str(message.headers["x-stream-offset"])) + 1
        counts.execute("REPLACE INTO place VALUES (1, ?)", [following])


if __name__ == "__main__":
    asyncio.run(main())

"""Connections to the broker, with every wait bounded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aio_pika
import aiormq.exceptions
from aio_pika.abc import AbstractConnection
from aiormq.abc import AbstractChannel
from pamqp.commands import Queue
from yarl import URL

CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 2.0
ANSWER_SECONDS = 5.0
# A dead peer is noticed after some three missed heartbeats: 17 s instead of the default 183 s.
HEARTBEAT_SECONDS = 5
# What work on a connection raises when the broker is away, refuses, or went in between: the driver
# calls the first use of a channel after its loss an invalid state, which is no error of AMQP to it.
BROKER_FAILURES = (
    OSError,
    TimeoutError,
    aiormq.exceptions.AMQPError,
    aiormq.exceptions.ChannelInvalidStateError,
)


@asynccontextmanager
async def connected(
    url: str, name: str, patience: float | None = None
) -> AsyncIterator[AbstractConnection]:
    """A connection of its own for one task; `name` shows in the broker's list of connections.
    `patience` is how many seconds connecting may take, CONNECT_SECONDS where it is None.

    Publishing and consuming never share one: a broker alarm blocks whole connections.
    """
    target = URL(url).update_query(heartbeat=HEARTBEAT_SECONDS)
    connection = aio_pika.Connection(target, client_properties={"connection_name": name})
    try:
        # Not the driver's own time-out: before Python 3.12 it can lose a cancellation.
        async with asyncio.timeout(CONNECT_SECONDS if patience is None else patience):
            await connection.connect()
        yield connection
    finally:
        # One that never came about is closed as well, or it closes itself once it is collected.
        # Closing a connection that has failed raises whatever made it fail; that was reported.
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await connection.close()


async def looked_up(channel: AbstractChannel, queue: str) -> Queue.DeclareOk:
    """What the broker says of a queue that should be there: how many messages are ready, and how
    many consumers it has. Raises what the broker answers when it is not there, or TimeoutError."""
    # The driver's own time-out can lose a cancellation: who asks in a loop would do so for ever.
    async with asyncio.timeout(ANSWER_SECONDS):
        return await channel.queue_declare(queue, passive=True)

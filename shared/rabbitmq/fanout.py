"""A transient fanout between the replicas of one service: best effort, no confirms, no storage."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import aio_pika
from aio_pika.abc import AbstractExchange
from aiormq.abc import AbstractChannel, DeliveredMessage

from shared.rabbitmq.connection import connected
from shared.rabbitmq.topology import LIVE_EXCHANGE, live_queue

# What a replica that does not keep up may leave lying; the oldest goes first.
MAX_WAITING = 10_000


class Fanout:
    """Says to all replicas and hears from the others. `replica` must be unique among them."""

    def __init__(self, url: str, replica: str) -> None:
        self._url = url
        self._replica = replica
        self._exchange: AbstractExchange | None = None

    async def say(self, body: bytes) -> None:
        """Send `body` to the other replicas, if there is a connection; never raises for want of
        one, and never waits for the broker's confirm."""
        if self._exchange is not None:
            with suppress(Exception):
                message = aio_pika.Message(body, app_id=self._replica)
                async with asyncio.timeout(1.0):
                    await self._exchange.publish(message, "", mandatory=False)

    @asynccontextmanager
    async def listening(self, hear: Callable[[bytes], None]) -> AsyncIterator[Awaitable[None]]:
        """Listen for the length of the block. Gives an awaitable that raises once the connection
        is lost."""
        async with (
            connected(self._url, f"{self._replica} live in") as incoming,
            connected(self._url, f"{self._replica} live out") as outgoing,
        ):
            receiving = await incoming.channel()
            queue = await receiving.declare_queue(
                live_queue(self._replica),
                exclusive=True,
                auto_delete=True,
                arguments={"x-max-length": MAX_WAITING},
            )
            await queue.bind(LIVE_EXCHANGE)

            async def on_message(message: DeliveredMessage) -> None:
                if message.header.properties.app_id != self._replica:
                    hear(message.body)

            channel = await receiving.get_underlay_channel()
            await channel.basic_consume(queue.name, on_message, no_ack=True)
            sending = await outgoing.channel(publisher_confirms=False)
            self._exchange = await sending.get_exchange(LIVE_EXCHANGE, ensure=False)
            try:
                yield _first_closed(channel, await sending.get_underlay_channel())
            finally:
                self._exchange = None


async def _first_closed(*channels: AbstractChannel) -> None:
    # A connection's own `closed()` would wait for our close, not for the broker's.
    await asyncio.wait(
        [channel.closing for channel in channels], return_when=asyncio.FIRST_COMPLETED
    )
    raise ConnectionError("the live connection closed")

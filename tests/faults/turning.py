"""What waits in chat's queue, put back in the opposite order."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from launcher.waiting import until
from shared.rabbitmq.topology import SERVICE_QUEUES
from tests.faults.servers import Servers

WAITS_SECONDS = 15.0
_QUEUE = SERVICE_QUEUES["chat"].name


async def turn_round(servers: Servers, events: Sequence[UUID]) -> int:
    """Put everything that waits in chat's queue back in the opposite order; how many of `events`
    were among it. They are acknowledged last: nothing is lost, whatever fails in between."""
    wanted = {str(event) for event in events}
    async with await aio_pika.connect(servers.admin_amqp_url, timeout=10) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        taken = await _taken(channel, wanted)
        for message in reversed(taken):
            again = aio_pika.Message(
                message.body,
                headers=message.headers,
                content_type=message.content_type,
                message_id=message.message_id,
                type=message.type,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await channel.default_exchange.publish(again, _QUEUE)
        # All by one: of many, a queue may not have taken the last when the channel closes, and
        # those would come again before all others, in their true order.
        if taken:
            await taken[-1].ack(multiple=True)
    return sum(_id(message) in wanted for message in taken)


async def _taken(channel: AbstractChannel, wanted: set[str]) -> list[AbstractIncomingMessage]:
    """All that waits. A queue with a single active consumer refuses `basic.get`."""
    queue = await channel.get_queue(_QUEUE, ensure=False)
    await channel.set_qos(prefetch_count=0)
    taken: list[AbstractIncomingMessage] = []

    async def take(message: AbstractIncomingMessage) -> None:
        taken.append(message)

    async def has_all() -> bool:
        return wanted <= {_id(message) for message in taken}

    tag = await queue.consume(take)
    try:
        async with asyncio.timeout(WAITS_SECONDS):
            await until(has_all, pause=0.05)
    finally:
        await queue.cancel(tag)
    return taken


def _id(message: AbstractIncomingMessage) -> str:
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(message.body)["id"])
    return ""

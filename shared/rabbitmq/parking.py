"""Parking: an event that can't be handled is put aside with its reason; the next one goes on."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import aio_pika
from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage
from pamqp.common import FieldValue

from shared import metrics
from shared.events.envelope import traceparent_in
from shared.logs import get_logger
from shared.rabbitmq.topology import own_exchange
from shared.trace_context import trace_id_of

log = get_logger(__name__)

# A header that outgrows the broker's frame would close the connection, again and again.
MAX_REASON = 500
CONFIRM_SECONDS = 5.0


class ParkingPlace:
    """Publishes to a parked queue with confirms; the original is acknowledged only after that."""

    def __init__(self, channel: AbstractChannel, queue: str) -> None:
        self._channel = channel
        self._queue = queue

    async def park(self, message: DeliveredMessage, reason: str, *, logged: str) -> None:
        """Put a copy of `message` into the parked queue, with the reason for operators; `logged`
        is what of it the log may have. Raises when the broker doesn't confirm."""
        reason = reason[:MAX_REASON]
        headers = {
            "x-parked-reason": reason,
            "x-parked-at": datetime.now(UTC).isoformat(),
            "x-original-routing-key": message.routing_key or "",
        }
        await put_copy(self._channel, self._queue, message, headers)
        metrics.EVENTS_PARKED.inc()
        log.error(
            "event parked",
            event_id=message.header.properties.message_id,
            # A retry comes by the queue's name as its routing key.
            type=message.header.properties.message_type or message.routing_key,
            reason=logged[:MAX_REASON],
            **_trace_ids(message),
        )


def _trace_ids(message: DeliveredMessage) -> Mapping[str, str]:
    traceparent = traceparent_in(message.body)
    return {} if traceparent is None else {"trace_id": trace_id_of(traceparent)}


async def put_copy(
    channel: AbstractChannel,
    queue: str,
    message: DeliveredMessage,
    headers: Mapping[str, FieldValue] | None = None,
) -> None:
    """Publish a copy of `message` to `queue`, with these headers instead of its own. Raises when
    the broker doesn't confirm; `channel` must be one with confirms."""
    properties = message.header.properties
    copy = aio_pika.Message(
        message.body,
        content_type=properties.content_type,
        message_id=properties.message_id,
        type=properties.message_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        headers=dict(headers or {}),
    )
    async with asyncio.timeout(CONFIRM_SECONDS):
        own = await channel.get_exchange(own_exchange(queue), ensure=False)
        await own.publish(copy, queue)

"""Parking: an event that can't be handled is put aside with its reason; the next one goes on."""

from datetime import UTC, datetime

import aio_pika
from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage

from shared import metrics
from shared.logs import get_logger

log = get_logger(__name__)

# The broker's default exchange routes to the queue that the routing key names.
DEFAULT_EXCHANGE = ""


class ParkingPlace:
    """Publishes to a parked queue with confirms; the original is acknowledged only after that."""

    def __init__(self, channel: AbstractChannel, queue: str) -> None:
        self._channel = channel
        self._queue = queue

    async def park(self, message: DeliveredMessage, reason: str) -> None:
        """Put a copy of `message` into the parked queue. Raises when the broker doesn't confirm."""
        properties = message.header.properties
        parked = aio_pika.Message(
            message.body,
            content_type=properties.content_type,
            message_id=properties.message_id,
            type=properties.message_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            headers={
                "x-parked-reason": reason,
                "x-parked-at": datetime.now(UTC).isoformat(),
                "x-original-routing-key": message.routing_key or "",
            },
        )
        await self._channel.default_exchange.publish(parked, self._queue, timeout=5)
        metrics.EVENTS_PARKED.inc()
        log.error(
            "event parked", event_id=properties.message_id, type=message.routing_key, reason=reason
        )

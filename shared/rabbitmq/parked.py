"""Looking at what a service parked, and giving it back or dropping it.

Looking takes events without acknowledging them; the end of the channel puts them back, in their
order. So whatever breaks in the middle, nothing is lost.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage

from shared.errors import words_of
from shared.rabbitmq.connection import ANSWER_SECONDS, BROKER_FAILURES, connected, looked_up
from shared.rabbitmq.parking import put_copy
from shared.rabbitmq.topology import ServiceQueue

# The broker puts back what was looked at in the background; the next look shall see all of it.
PUT_BACK_SECONDS = 2.0
PUT_BACK_CHECK_SECONDS = 0.02


class ParkedUnreadable(Exception):
    """The broker did not let us at the parked events; the message speaks to an operator."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked event. `event_id` and `type` are what its envelope or its properties say, empty
    when neither does; `parked_at` is RFC 3339, empty when the broker itself parked it."""

    event_id: str
    type: str
    parked_at: str
    reason: str
    body: bytes
    tag: int


Chosen = Callable[[Parked], bool]


class ParkedEvents:
    """The parked events of one service, on a connection of their own.

    Each instance sees what was parked when it first looked: later ones wait for the next.
    """

    def __init__(
        self, looking: AbstractChannel, handing: AbstractChannel, queue: ServiceQueue
    ) -> None:
        self._looking = looking
        self._handing = handing
        self._queue = queue
        self._looked: list[tuple[DeliveredMessage, Parked]] | None = None
        self._settled = 0

    async def all(self) -> Sequence[Parked]:
        """Oldest first."""
        return [parked for _, parked in await self._look()]

    async def retry(self, chosen: Chosen, done: Callable[[Parked], None]) -> None:
        """Hand the chosen ones back to the service's queue, oldest first; calls `done` for each.

        One leaves the parked queue only when the broker has confirmed that the service's queue
        holds it. Cut off in between, it is in both, and the service skips the second.
        """
        for message, parked in await self._look():
            if chosen(parked):
                await put_copy(self._handing, self._queue.name, message)
                await self._acknowledge(parked)
                done(parked)

    async def drop(self, chosen: Chosen, done: Callable[[Parked], None]) -> None:
        """Drop the chosen ones for good; calls `done` for each."""
        for _, parked in await self._look():
            if chosen(parked):
                await self._acknowledge(parked)
                done(parked)

    async def _look(self) -> Sequence[tuple[DeliveredMessage, Parked]]:
        if self._looked is None:
            self._looked = []
            channel = await self._looking.get_underlay_channel()
            for _ in range(await self._count(self._looking)):
                async with asyncio.timeout(ANSWER_SECONDS):
                    message = await channel.basic_get(self._queue.parked)
                if message.delivery_tag is None:
                    break
                self._looked.append((message, _parked(message)))
        return self._looked

    async def _acknowledge(self, parked: Parked) -> None:
        channel = await self._looking.get_underlay_channel()
        await channel.basic_ack(parked.tag)
        self._settled += 1

    async def put_back(self) -> None:
        """What was looked at and is to stay goes back; returns when it is there."""
        held = len(self._looked or ()) - self._settled
        await self._looking.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(PUT_BACK_SECONDS):
                while await self._count(self._handing) < held:  # noqa: ASYNC110
                    await asyncio.sleep(PUT_BACK_CHECK_SECONDS)

    async def _count(self, channel: AbstractChannel) -> int:
        found = await looked_up(await channel.get_underlay_channel(), self._queue.parked)
        return found.message_count or 0


@asynccontextmanager
async def opened_parked(url: str, queue: ServiceQueue) -> AsyncIterator[ParkedEvents]:
    """The parked events of the service of `queue`. Raises ParkedUnreadable."""
    try:
        async with connected(url, f"{queue.service} parked") as connection:
            events = ParkedEvents(
                await connection.channel(),
                await connection.channel(publisher_confirms=True, on_return_raises=True),
                queue,
            )
            yield events
            await events.put_back()
    except BROKER_FAILURES as error:
        raise ParkedUnreadable(
            f"RabbitMQ did not let us work on {queue.parked}: {words_of(error)}. "
            "See that it runs, and that this service's user may read that queue. Nothing is lost."
        ) from error


def _parked(message: DeliveredMessage) -> Parked:
    properties = message.header.properties
    headers = properties.headers or {}
    envelope: dict[str, object] = {}
    with suppress(ValueError):
        decoded = json.loads(message.body)
        envelope = decoded if isinstance(decoded, dict) else {}
    # Dead-lettered by the broker: it says so in a header of its own.
    cause = str(headers.get("x-first-death-reason") or "unknown")
    return Parked(
        event_id=_id(envelope.get("id")) or _id(properties.message_id) or "",
        type=str(envelope.get("type") or properties.message_type or ""),
        parked_at=str(headers.get("x-parked-at") or ""),
        reason=str(headers.get("x-parked-reason") or f"parked by the broker: {cause}"),
        body=message.body,
        tag=message.delivery_tag or 0,
    )


def _id(said: object) -> str:
    """An id in the form in which people compare it."""
    with suppress(ValueError):
        return str(UUID(str(said)))
    return str(said or "")

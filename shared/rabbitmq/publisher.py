"""Publishing events with publisher confirms, in windows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from aiormq.channel import Channel
from pamqp.commands import Basic
from yarl import URL

from shared.events.envelope import CONTENT_TYPE
from shared.logs import get_logger
from shared.rabbitmq.connection import connected
from shared.rabbitmq.topology import EVENTS_EXCHANGE

log = get_logger(__name__)

# Confirms in flight at once; 100 to 1,000 measured alike, fewer hold the broker back.
WINDOW = 250
# How long the broker may be silent while confirms are due.
CONFIRM_SECONDS = 3.0
# What is published while a queue elects its leader after a restart is never confirmed: the sooner
# the first event is sent again, the shorter that outage. Consumers know what comes twice.
SEND_AGAIN_SECONDS = (0.5, 1.0)
PERSISTENT = 2

Publish = Callable[[Sequence["Outgoing"]], Coroutine[None, None, list[bool]]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An encoded event on its way: `type` is its routing key, `event_id` its message id."""

    event_id: UUID
    type: str
    body: bytes


class Publisher:
    """Publishes to the events exchange. An event counts as published only when the broker has
    confirmed that every bound queue holds it; one that no queue takes counts as failed."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._user = URL(url).user

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Publish]:
        """A connection with confirms; the function it gives publishes in order and tells for each
        event whether the broker confirmed it."""
        async with connected(self._url, self._name) as connection:
            # Without on_return_raises an unroutable event looks exactly like a success.
            opened = await connection.channel(publisher_confirms=True, on_return_raises=True)
            channel = await opened.get_underlay_channel()
            assert isinstance(channel, Channel)

            is_proven = False

            async def publish(events: Sequence[Outgoing]) -> list[bool]:
                nonlocal is_proven
                confirmed: list[bool] = []
                while len(confirmed) < len(events):
                    start = len(confirmed)
                    # A binding that comes back in the middle of a window would let the rest of it
                    # overtake what was returned: the first event after a failure goes alone.
                    window = events[start : start + (WINDOW if is_proven else 1)]
                    outcomes = await self._send(
                        channel, window, () if is_proven else SEND_AGAIN_SECONDS
                    )
                    confirmed += [outcome is None for outcome in outcomes]
                    if failed := [o for o in outcomes if o is not None]:
                        # Its kind alone: what came back unroutable is part of the error, and with
                        # it somebody's message.
                        log.warning(
                            "publish failed", count=len(failed), first=type(failed[0]).__name__
                        )
                        # The rest stays in the outbox: nothing may overtake what failed.
                        return confirmed + [False] * (len(events) - len(confirmed))
                    is_proven = True
                return confirmed

            yield publish

    async def _send(
        self, channel: Channel, window: Sequence[Outgoing], again: Sequence[float]
    ) -> list[BaseException | None]:
        """What became of each event; None is a confirm. Sends all of them again after each of the
        seconds in `again`, and forgets about the time before: a return must not be taken for that
        of another time. Raises TimeoutError when nothing is answered the last time either."""
        for seconds in again:
            with suppress(TimeoutError):
                return await self._send_once(channel, window, seconds)
        return await self._send_once(channel, window, CONFIRM_SECONDS)

    async def _send_once(
        self, channel: Channel, window: Sequence[Outgoing], seconds: float
    ) -> list[BaseException | None]:
        loop = asyncio.get_running_loop()

        async def answered(event: Outgoing) -> None:
            await self._publish(channel, event)
            # A broker that is slow is not gone: whoever gave it up would send it all of this again,
            # and be slower still.
            if not silence.expired():
                silence.reschedule(loop.time() + seconds)

        sending = [asyncio.create_task(answered(event)) for event in window]
        try:
            # The library's own time-outs leave out the wait for a blocked connection.
            async with asyncio.timeout(seconds) as silence:
                await asyncio.gather(*sending, return_exceptions=True)
        except TimeoutError:
            if all(task.cancelled() for task in sending):
                raise
        return [TimeoutError() if task.cancelled() else task.exception() for task in sending]

    async def _publish(self, channel: Channel, event: Outgoing) -> None:
        """Publish one event; returns once it is confirmed, and raises otherwise."""
        await channel.basic_publish(
            event.body,
            exchange=EVENTS_EXCHANGE,
            routing_key=event.type,
            mandatory=True,
            # The confirm says more than that the socket took the bytes; waiting for that as well
            # would cost half as much again.
            wait=False,
            properties=Basic.Properties(
                content_type=CONTENT_TYPE,
                message_id=str(event.event_id),
                message_type=event.type,
                user_id=self._user,
                # Transient messages are gone after a broker restart.
                delivery_mode=PERSISTENT,
            ),
        )

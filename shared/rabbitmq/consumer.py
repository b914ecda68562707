"""Supervised consumption of a service's queue, in ordered batches.

The broker's callback only appends; one worker takes what has gathered, hands it to the service's
handler, lets it be pushed, and acknowledges all of it. Idle, a batch is one event and nothing
waits; under load batches keep a pace, and grow.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import aiormq
from aiormq.abc import DeliveredMessage
from structlog.contextvars import bound_contextvars

from shared import failpoints, metrics, telemetry, trace_context
from shared.errors import Unavailable, words_of
from shared.events.envelope import Event, Undecodable, UnknownFact, decode
from shared.logs import get_logger
from shared.pace import Pace
from shared.rabbitmq.backlog import Backlog
from shared.rabbitmq.connection import connected
from shared.rabbitmq.parking import ParkingPlace
from shared.rabbitmq.patience import BROKER, HANDLER, STREAMS, Patience
from shared.rabbitmq.spans import record_handled
from shared.rabbitmq.topology import ServiceQueue
from shared.supervision import Health

log = get_logger(__name__)

PREFETCH = 1000
BATCH = 500
# Beyond it a handler counts as hung; the broker itself would wait 30 minutes.
HANDLER_SECONDS = 30.0
RETRY_SECONDS = 0.5
QUEUE_CHECK_SECONDS = 5.0
# Events that come one right behind the other are handled together.
PACE_SECONDS = 0.02

# Handles a batch in order and commits. May return what to do before the batch is acknowledged: who
# dies while doing it gets, or leaves to another, the batch once more.
# Raises Unavailable when a dependency is away (the batch is tried again, for as long as it takes);
# anything else condemns the event that raises it when it is handled alone.
AfterCommit = Callable[[], Awaitable[None]]
Handler = Callable[[Sequence[Event]], Awaitable[AfterCommit | None]]


class Consumer:
    """Consumes `queue` with `handle` until its connection fails, which raises."""

    PART = "consumer"

    def __init__(self, url: str, queue: ServiceQueue, handle: Handler, health: Health) -> None:
        self._url = url
        self._queue = queue
        self._handle = handle
        self._health = health
        self._backlog = Backlog(queue)
        self._patience = Patience(queue.name)

    async def run(self) -> None:
        try:
            await self._consume()
        finally:
            self._backlog.lost()

    async def _consume(self) -> None:
        async with connected(self._url, f"{self._queue.service} consumer") as connection:
            channel = await (await connection.channel()).get_underlay_channel()
            # Opened once: opening and closing one for each look could lose a cancellation.
            aside = await (await connection.channel()).get_underlay_channel()
            parking = ParkingPlace(
                await connection.channel(publisher_confirms=True, on_return_raises=True),
                self._queue.parked,
            )
            gathered: asyncio.Queue[DeliveredMessage] = asyncio.Queue()
            pace = Pace(PACE_SECONDS)
            async with asyncio.TaskGroup() as tasks:
                await self._subscribe(channel, gathered)
                tasks.create_task(self._watch(channel, aside))
                self._health.up(self.PART)
                while True:
                    batch = await _take(gathered, pace)
                    with self._patience.watching(len(batch)):
                        await self._settle(channel, parking, batch)

    async def _subscribe(
        self, channel: aiormq.abc.AbstractChannel, gathered: asyncio.Queue[DeliveredMessage]
    ) -> None:
        async def append(message: DeliveredMessage) -> None:
            gathered.put_nowait(message)
            self._backlog.took()

        await channel.basic_qos(prefetch_count=PREFETCH)
        await channel.basic_consume(self._queue.name, append)

    async def _watch(
        self, channel: aiormq.abc.AbstractChannel, aside: aiormq.abc.AbstractChannel
    ) -> None:
        """Raise as soon as consumption has ended without an error: the connection closed, the
        queue was deleted, or the broker dropped the consumer."""
        # Not the connection's own `closed()`: that waits for our close, not for the broker's.
        closed = channel.closing
        while not closed.done():
            if not await self._backlog.look(channel, aside):
                raise ConnectionError(f"the broker knows no consumer of {self._queue.name}")
            await asyncio.wait([closed], timeout=QUEUE_CHECK_SECONDS)
        raise ConnectionError("the broker's connection closed")

    async def _settle(
        self,
        channel: aiormq.abc.AbstractChannel,
        parking: ParkingPlace,
        batch: Sequence[DeliveredMessage],
    ) -> None:
        """Handle a batch, park what can't be handled, let it be pushed, then acknowledge it all."""
        events: list[tuple[DeliveredMessage, Event]] = []
        for message in batch:
            try:
                events.append((message, decode(message.body)))
            except (Undecodable, UnknownFact) as error:
                # These speak of the envelope and of fields, without their values.
                await parking.park(message, str(error), logged=str(error))
        began = time.time()
        with self._backlog.handling():
            after = await self._handle_together(parking, events) if events else []
        if telemetry.is_on():
            handled = [event for _, event in events]
            record_handled(self._queue.name, handled, began, time.time())
        await failpoints.reached("consumer.committed")
        # Before the acknowledgement: pushes of an acknowledged batch would die with this process,
        # and their readers wait for the next heartbeat. So the batch comes again, and they look.
        self._patience.waits_for = STREAMS
        for push in after:
            await push()
        await failpoints.reached("consumer.pushed")
        self._patience.waits_for = BROKER
        # A late acknowledgement fails when the connection is gone: the batch is committed, and
        # comes again as duplicates that the handler skips.
        await channel.basic_ack(batch[-1].delivery_tag or 0, multiple=True)
        await failpoints.reached("consumer.acknowledged")
        self._backlog.handled(len(batch))
        metrics.EVENTS_HANDLED.inc(len(batch))
        metrics.BATCH_SIZE.observe(len(batch))

    async def _handle_together(
        self, parking: ParkingPlace, events: Sequence[tuple[DeliveredMessage, Event]]
    ) -> list[AfterCommit]:
        try:
            with _alone([event for _, event in events]):
                after = await self._handle_patiently([event for _, event in events])
            return [after] if after else []
        except Exception as error:
            # An error's words may quote a statement's values, and so a person's message: they go
            # to the parked queue, where the message lies anyway, and not into the log.
            kind = type(error).__name__
            if len(events) == 1:
                await parking.park(events[0][0], f"{kind}: {words_of(error)}", logged=kind)
                return []
            log.warning("batch failed, handling one by one", kind=kind, events=len(events))
        return [push for pair in events for push in await self._handle_together(parking, [pair])]

    async def _handle_patiently(self, events: Sequence[Event]) -> AfterCommit | None:
        """Try until the dependencies are back: events wait in order, in the queue, not in a loop
        of redeliveries that would use up their delivery limit."""
        self._patience.waits_for = HANDLER
        while True:
            try:
                async with asyncio.timeout(HANDLER_SECONDS):
                    await failpoints.reached("consumer.delivered")
                    after = await self._handle(events)
                self._health.up(self.PART)
                return after
            except Unavailable as error:
                self._health.down(self.PART, error.detail)
                self._patience.waits_for = error.reason or error.code
                await asyncio.sleep(RETRY_SECONDS)


@contextmanager
def _alone(events: Sequence[Event]) -> Iterator[None]:
    """What is logged while one event is handled names it and its trace; of a batch nobody can say
    which of its events a line is about."""
    if len(events) != 1:
        yield
        return
    [event] = events
    trace = event.traceparent
    ids = {"event_id": str(event.id)}
    if trace is not None:
        ids["trace_id"] = trace_context.trace_id_of(trace)
    with trace_context.within(trace), bound_contextvars(**ids):
        yield


async def _take(gathered: asyncio.Queue[DeliveredMessage], pace: Pace) -> list[DeliveredMessage]:
    batch = [await gathered.get()]
    await pace.next()
    while len(batch) < BATCH and not gathered.empty():
        batch.append(gathered.get_nowait())
    return batch

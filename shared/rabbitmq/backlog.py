"""What a consumer has before it: how many events wait, how long a batch takes, what lies parked."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiormq.abc import AbstractChannel

from shared import metrics
from shared.rabbitmq.connection import BROKER_FAILURES, looked_up
from shared.rabbitmq.topology import ServiceQueue


class Backlog:
    """Keeps the gauges of one service's queue. The broker is asked now and then; what was taken
    from it and is not handled yet is known here, and counts until it is."""

    def __init__(self, queue: ServiceQueue) -> None:
        self._queue = queue
        self._waiting = 0
        self._taken = 0

    def took(self) -> None:
        """An event came from the broker."""
        self._taken += 1
        self._show()

    @contextmanager
    def handling(self) -> Iterator[None]:
        """A batch is being handled. How old its events are does not count: after an outage all of
        them are, and are handled none the less."""
        metrics.BATCH_IN_HAND.begin()
        try:
            yield
        finally:
            metrics.BATCH_IN_HAND.end()

    def handled(self, count: int) -> None:
        self._taken -= count
        self._show()

    def lost(self) -> None:
        """The connection is gone: the broker has what was taken, and gives it out again."""
        self._taken = 0
        self._show()

    async def look(self, channel: AbstractChannel, aside: AbstractChannel) -> int:
        """Ask the broker; answers how many consumers the queue has. Raises what the broker answers
        when there is no such queue, or TimeoutError.

        The parked queue is asked for on the channel `aside`: the broker closes the one that asks
        for what is not there, and a parked queue deleted by mistake must not stop the handling of
        events. Then nothing is known of it until the consumer connects anew, as it does when it
        can't park an event.
        """
        found = await looked_up(channel, self._queue.name)
        self._waiting = found.message_count or 0
        self._show()
        try:
            parked = await looked_up(aside, self._queue.parked)
            metrics.PARKED.set(parked.message_count or 0)
        except BROKER_FAILURES:
            metrics.PARKED.set(float("nan"))
        return found.consumer_count or 0

    def _show(self) -> None:
        metrics.QUEUE_DEPTH.set(self._waiting + self._taken)

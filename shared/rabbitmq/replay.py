"""Reading the log of all events: from a place in it up to its end, as it was when reading began.

Any number may read at once, each for itself; nothing that is read is taken out. A reader keeps its
place itself: the broker would forget it with the connection, and a reader that came back by itself
would begin anew. So a connection that is lost ends the reading.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aio_pika.abc import AbstractConnection
from aiormq.abc import AbstractChannel, DeliveredMessage
from pydantic import AwareDatetime, BaseModel

from shared.errors import words_of
from shared.rabbitmq.connection import BROKER_FAILURES, connected, looked_up
from shared.rabbitmq.topology import EVENTS_LOG, ServiceQueue

PREFETCH = 2000
BATCH = 500
# The newest chunk comes within milliseconds, and as a whole.
END_SECONDS = 5.0
QUIET_SECONDS = 0.3
BEYOND_SECONDS = 5.0
# Longer without an event, in the middle of the log, is no pause: something is wrong.
STALL_SECONDS = 30.0
CLOSED = "the broker's connection closed"

# The log's first event, an offset, or a moment. The broker finds a moment by chunks of events, so
# that reading may begin somewhat earlier.
Start = Literal["first"] | int | datetime
_Place = Literal["last"] | Start


class LogUnreadable(Exception):
    """The log did not answer as it should; the message speaks to an operator."""


@dataclass(frozen=True, slots=True)
class Logged:
    """What stands in the log at `offset`; offsets count from the log's very first event."""

    offset: int
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Ends:
    """The first and last offset that the log holds."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a service's queue, and how many replicas consume from it."""

    events: int
    consumers: int


class _Dated(BaseModel):
    """Enough of an envelope, of whatever type, to say when it happened."""

    time: AwareDatetime


class Log:
    """The log, on a connection of its own. Every method raises what the connection raises."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection

    async def ends(self) -> Ends | None:
        """Where the log begins and ends now; None when it is empty. Takes half a second, and
        under traffic five."""
        # The broker's own count lags by seconds, and older brokers say 0.
        last = await self._peek("last")
        first = await self._peek("first") if last is not None else None
        return None if first is None or last is None else Ends(first[0], last[-1])

    async def begins_at(self) -> datetime | None:
        """When the first event that the log holds happened, or None when it is empty. Raises
        LogUnreadable when the log begins with something else than an event."""
        async with self._reading("first", 1) as reader:
            messages = await reader.take(END_SECONDS)
        if not messages:
            return None
        try:
            return _Dated.model_validate_json(messages[0].body).time
        except ValueError as error:
            raise LogUnreadable("The log begins with something that is no event.") from error

    async def waiting_for(self, queue: ServiceQueue) -> Waiting:
        """What the service of `queue` has not taken yet."""
        channel = await self._channel()
        found = await looked_up(channel, queue.name)
        await channel.close()
        return Waiting(found.message_count or 0, found.consumer_count or 0)

    async def batches(self, start: Start, last: int) -> AsyncIterator[Sequence[Logged]]:
        """Everything from `start` up to the offset `last`, in order. A batch counts as read when
        the next one is asked for. Raises LogUnreadable when the log stops on the way."""
        async with self._reading(start, PREFETCH) as reader:
            reached = -1
            while reached < last:
                # A moment after the newest chunk: the broker waits for what comes next.
                may_be_beyond = reached < 0 and isinstance(start, datetime)
                messages = await reader.take(BEYOND_SECONDS if may_be_beyond else STALL_SECONDS)
                if not messages and may_be_beyond:
                    return
                if not messages:
                    raise LogUnreadable(
                        f"The log stopped at offset {reached} of {last}: nothing came for "
                        f"{STALL_SECONDS:.0f} s. See that the broker is well, and go on with "
                        f"--offset {reached + 1}."
                    )
                reached = _offset(messages[-1])
                yield [_logged(m) for m in messages if _offset(m) <= last]
                await reader.acknowledge(messages[-1])

    async def _peek(self, where: Literal["first", "last"]) -> tuple[int, int] | None:
        """The first and last offset of the chunk at one end. Under traffic others follow the newest
        without a pause, for ever: what has come in a while holds it as a whole."""
        async with self._reading(where, PREFETCH if where == "last" else 1) as reader:
            found: list[int] = []
            time, enough_at = asyncio.get_running_loop().time, 0.0
            while messages := await reader.take(QUIET_SECONDS if found else END_SECONDS):
                enough_at = enough_at if found else time() + END_SECONDS
                found += [_offset(message) for message in messages]
                await reader.acknowledge(messages[-1])
                if where == "first" or time() > enough_at:
                    break
        return (found[0], found[-1]) if found else None

    async def _channel(self) -> AbstractChannel:
        try:
            return await (await self._connection.channel()).get_underlay_channel()
        except RuntimeError as error:
            # All that the driver says of a connection that was lost since its last use.
            raise ConnectionError(CLOSED) from error

    @asynccontextmanager
    async def _reading(self, start: _Place, prefetch: int) -> AsyncIterator["_Reader"]:
        # Streams refuse consumers without a prefetch, and those that don't acknowledge.
        channel = await self._channel()
        reader = _Reader(channel)
        await channel.basic_qos(prefetch_count=prefetch)
        await channel.basic_consume(EVENTS_LOG, reader.append, arguments={"x-stream-offset": start})
        yield reader
        await channel.close()


class _Reader:
    """One consumer of the log, with what has come and was not taken yet."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._gathered: asyncio.Queue[DeliveredMessage] = asyncio.Queue()

    async def append(self, message: DeliveredMessage) -> None:
        self._gathered.put_nowait(message)

    async def take(self, seconds: float) -> list[DeliveredMessage]:
        """What has gathered, at most a batch; empty when nothing comes for so long."""
        getting = asyncio.ensure_future(self._gathered.get())
        try:
            await asyncio.wait(
                [getting, self._channel.closing],
                timeout=seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not getting.done():
                if self._channel.closing.done():
                    raise ConnectionError(CLOSED)
                return []
            batch = [getting.result()]
        finally:
            getting.cancel()
        while len(batch) < BATCH and not self._gathered.empty():
            batch.append(self._gathered.get_nowait())
        return batch

    async def acknowledge(self, message: DeliveredMessage) -> None:
        """Everything up to `message` was read: the broker sends more."""
        await self._channel.basic_ack(message.delivery_tag or 0, multiple=True, wait=False)


@asynccontextmanager
async def opened_log(url: str, name: str) -> AsyncIterator[Log]:
    """The log, for whom `url` lets read it; `name` shows in the broker's list of connections.

    Raises LogUnreadable when the broker is away or does not let us."""
    try:
        async with connected(url, name) as connection:
            yield Log(connection)
    except BROKER_FAILURES as error:
        raise LogUnreadable(
            f"RabbitMQ did not let us read {EVENTS_LOG}: {words_of(error)}. "
            "See that it runs, and that this service's user may read the log."
        ) from error


def _offset(message: DeliveredMessage) -> int:
    headers = message.header.properties.headers or {}
    return int(str(headers["x-stream-offset"]))


def _logged(message: DeliveredMessage) -> Logged:
    return Logged(_offset(message), message.routing_key or "", message.body)

"""Consumption: in order, once handled acknowledged, and what can't be handled put aside."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.errors import Unavailable
from shared.events.chat import MessageSent
from shared.events.envelope import Event, encode, new_event
from shared.rabbitmq import consumer
from shared.rabbitmq.consumer import Consumer, Handler
from shared.rabbitmq.topology import (
    EVENTS_EXCHANGE,
    SERVICE_QUEUES,
    declare_topology,
)
from shared.supervision import Health, running
from tests.builders import a_group, a_message_sent
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.waiting import eventually

GROUP = a_group()
QUEUE = SERVICE_QUEUES["notifier"]


class Handled:
    """A handler that notes the positions of the messages it was given."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.before: Callable[[list[int]], Awaitable[None]] | None = None

    async def __call__(self, events: Sequence[Event]) -> None:
        given = [e.fact.message.seq for e in events if isinstance(e.fact, MessageSent)]
        if self.before is not None:
            await self.before(given)
        self.seqs += given

    async def until(self, *seqs: int) -> None:
        await eventually(lambda: len(self.seqs) >= len(seqs))
        assert self.seqs == list(seqs)


@pytest.fixture
async def admin(broker: Broker) -> AsyncIterator[AbstractChannel]:
    """An administrator's channel; the queues are empty."""
    await broker.purge()
    async with await aio_pika.connect(broker.admin_url) as connection:
        yield await connection.channel()


async def test_a_consumer_stops_when_it_is_told_to(broker: Broker) -> None:
    # Told right after the start it is in the middle of a question to the broker.
    for _ in range(30):
        async with asyncio.timeout(10), consuming_with(broker, Handled(), Health()):
            pass


Put = Callable[..., Awaitable[None]]


@pytest.fixture
def put(admin: AbstractChannel) -> Put:
    """Publishes bodies, or messages at these positions, as chat would."""

    async def published(*what: int | bytes, key: str = "chat.message.sent.v1") -> None:
        exchange = await admin.get_exchange(EVENTS_EXCHANGE, ensure=False)
        for one in what:
            body = one
            if isinstance(one, int):
                body = encode(new_event(a_message_sent(GROUP, one)))
            assert isinstance(body, bytes)
            message = aio_pika.Message(body, message_id="an-id", type=key)
            await exchange.publish(message, key)

    return published


Consume = Callable[[Handler], Awaitable[Health]]


@pytest.fixture
async def consume(broker: Broker) -> AsyncIterator[Consume]:
    async with AsyncExitStack() as stack:

        async def consuming(handler: Handler) -> Health:
            health = Health()
            await stack.enter_async_context(consuming_with(broker, handler, health))
            return health

        yield consuming


@asynccontextmanager
async def consuming_with(broker: Broker, handler: Handler, health: Health) -> AsyncIterator[None]:
    run = Consumer(broker.url_of("notifier"), QUEUE, handler, health).run
    async with running(Consumer.PART, run, health):
        await eventually(lambda: not health.missing)
        yield


async def next_parked(admin: AbstractChannel) -> AbstractIncomingMessage:
    queue = await admin.get_queue(QUEUE.parked)
    found: list[AbstractIncomingMessage] = []

    async def some() -> bool:
        if message := await queue.get(fail=False, no_ack=True):
            found.append(message)
        return bool(found)

    await eventually(some)
    return found[0]


async def waiting_in(admin: AbstractChannel, queue: str) -> int:
    declared = await admin.declare_queue(queue, passive=True)
    return declared.declaration_result.message_count or 0


async def test_events_are_handled_in_order_and_do_not_come_again(
    broker: Broker, admin: AbstractChannel, put: Put
) -> None:
    first, second, health = Handled(), Handled(), Health()
    await put(*range(1, 301))
    async with consuming_with(broker, first, health):
        await put(*range(301, 351))
        await first.until(*range(1, 351))
    await put(351)
    async with consuming_with(broker, second, health):
        await second.until(351)
    assert await waiting_in(admin, QUEUE.name) == 0


async def test_an_event_whose_handling_was_cut_short_comes_again(broker: Broker, put: Put) -> None:
    first, second, health = Handled(), Handled(), Health()
    reached = asyncio.Event()

    async def never(_: list[int]) -> None:
        reached.set()
        await asyncio.Event().wait()

    first.before = never
    await put(1, 2)
    async with consuming_with(broker, first, health), asyncio.timeout(10):
        await reached.wait()
    async with consuming_with(broker, second, health):
        await second.until(1, 2)
    assert first.seqs == []


async def test_what_cannot_be_read_is_parked_with_its_reason_and_the_rest_goes_on(
    admin: AbstractChannel, put: Put, consume: Consume
) -> None:
    unknown = encode(new_event(a_message_sent())).replace(b"message.sent", b"message.starred")
    broken = encode(new_event(a_message_sent())).replace(b'"seq":1', b'"seq":0')
    handled = Handled()
    await consume(handled)
    await put(1)
    await put(b"\xff not an event")
    await put(unknown, key="chat.message.starred.v1")
    await put(broken)
    await put(2)
    await handled.until(1, 2)
    for body, key, reason in [
        (b"\xff not an event", "chat.message.sent.v1", "not a valid CloudEvents envelope"),
        (unknown, "chat.message.starred.v1", "unknown event type 'chat.message.starred.v1'"),
        (broken, "chat.message.sent.v1", "chat.message.sent.v1 breaks its contract: data"),
    ]:
        parked = await next_parked(admin)
        assert parked.body == body
        assert (parked.message_id, parked.type) == ("an-id", key)
        assert parked.headers["x-original-routing-key"] == key
        assert str(parked.headers["x-parked-reason"]).startswith(reason)
        assert datetime.fromisoformat(str(parked.headers["x-parked-at"])).tzinfo is not None
    assert await waiting_in(admin, QUEUE.name) == 0


async def test_an_event_with_an_endless_type_is_parked_like_any_other(
    admin: AbstractChannel, put: Put, consume: Consume
) -> None:
    endless = encode(new_event(a_message_sent())).replace(b"sent.v1", b"sent" * 100_000)
    handled = Handled()
    await consume(handled)
    await put(endless, 1)
    await handled.until(1)
    assert (await next_parked(admin)).body == endless


async def test_a_poisonous_event_costs_itself_alone(
    admin: AbstractChannel, put: Put, consume: Consume
) -> None:
    handled = Handled()

    async def choke_on_3(given: list[int]) -> None:
        if 3 in given:
            raise ValueError("three")

    handled.before = choke_on_3
    await put(1, 2, 3, 4, 5)
    await consume(handled)
    await handled.until(1, 2, 4, 5)
    assert (await next_parked(admin)).headers["x-parked-reason"] == "ValueError: three"


async def test_a_handler_that_hangs_holds_nothing_up_for_ever(
    admin: AbstractChannel, put: Put, consume: Consume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "HANDLER_SECONDS", 0.1)
    handled = Handled()

    async def hang_on_2(given: list[int]) -> None:
        if 2 in given:
            await asyncio.Event().wait()

    handled.before = hang_on_2
    await put(1, 2, 3)
    await consume(handled)
    await handled.until(1, 3)
    assert str((await next_parked(admin)).headers["x-parked-reason"]).startswith("TimeoutError")


async def test_while_a_dependency_is_away_events_wait_in_order(
    admin: AbstractChannel, put: Put, consume: Consume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "RETRY_SECONDS", 0.01)
    handled, tries = Handled(), 0

    async def away(_: list[int]) -> None:
        nonlocal tries
        if tries < 50:
            tries += 1
            raise Unavailable("The database is away.")

    handled.before = away
    health = await consume(handled)
    await put(1)
    await eventually(lambda: health.missing == {"consumer": "The database is away."})
    await put(2, 3)
    await handled.until(1, 2, 3)
    assert health.missing == {}
    assert tries == 50
    assert await waiting_in(admin, QUEUE.parked) == 0


async def test_the_consumer_comes_back_when_the_broker_closes_its_connection(
    broker: Broker, put: Put, consume: Consume
) -> None:
    handled = Handled()
    health = await consume(handled)
    await put(1)
    await handled.until(1)
    await broker.close_connections("notifier")
    await put(2)
    await handled.until(1, 2)
    await eventually(lambda: not health.missing)


async def test_a_second_consumer_stands_by_and_goes_on_where_the_first_ended(
    broker: Broker, put: Put, consume: Consume
) -> None:
    first, second = Handled(), Handled()
    async with consuming_with(broker, first, Health()):
        await consume(second)
        await put(*range(1, 51))
        await first.until(*range(1, 51))
        assert second.seqs == []
    await put(51)
    await second.until(51)


async def test_a_deleted_queue_is_noticed_and_not_made_anew_without_its_bindings(
    broker: Broker,
    admin: AbstractChannel,
    put: Put,
    consume: Consume,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer, "QUEUE_CHECK_SECONDS", 0.1)
    handled = Handled()
    health = await consume(handled)
    await admin.queue_delete(QUEUE.name)
    try:
        await eventually(lambda: QUEUE.name in health.missing.get("consumer", ""))
    finally:
        await declare_topology(broker.admin_url)
    await put(1)
    await handled.until(1)
    await eventually(lambda: not health.missing)

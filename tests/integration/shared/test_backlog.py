"""What waits is seen, also while whoever should work on it stands still."""

import asyncio
import io
import json
import logging
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from shared.events.envelope import Event, encode, new_event
from shared.logs import set_up_logs
from shared.outbox import watch
from shared.postgres.pool import DatabaseAway, OwnConnection
from shared.rabbitmq import consumer, patience
from shared.rabbitmq.publisher import Publisher
from shared.rabbitmq.topology import EVENTS_EXCHANGE, SERVICE_QUEUES, declare_topology, own_exchange
from shared.supervision import Health
from tests.builders import a_message_sent
from tests.fixtures.metrics import counted
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.waiting import eventually
from tests.integration.shared.conftest import NewProcess
from tests.integration.shared.test_consumer import Put, admin, consuming_with, put

__all__ = ["admin", "put"]

QUEUE = SERVICE_QUEUES["notifier"]
TRACE = "0af7651916cd43dd8448eb211c80319c"
GIVEN = f"00-{TRACE}-b7ad6b7169203331-01"


def oldest() -> float:
    return counted("circles_outbox_oldest_seconds")


async def test_what_the_outbox_holds_ages_while_the_broker_is_away(
    new_process: NewProcess,
    broker: Broker,
    owner: OwnConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "LOOK_EVERY_SECONDS", 0.02)
    nobody = Publisher("amqp://nobody@127.0.0.1:1/", "a broker that is away")
    away, present = await new_process(nobody), await new_process()
    await away.commit(1)
    await owner.execute("UPDATE outbox SET created_at = now() - interval '100 seconds'")
    async with away.relay.running():
        await eventually(lambda: oldest() >= 100)
        first = oldest()
        await eventually(lambda: oldest() > first)
    async with present.relay.running():
        await eventually(lambda: oldest() == 0)


def in_hand() -> float:
    return counted("circles_batch_in_hand_seconds")


class Stuck:
    """A handler that waits until it is let go on."""

    def __init__(self) -> None:
        self.handled = 0
        self.may_go_on = asyncio.Event()

    async def __call__(self, events: Sequence[Event]) -> None:
        await self.may_go_on.wait()
        self.handled += len(events)


async def test_events_that_wait_are_counted_and_a_batch_in_hand_ages(
    broker: Broker, put: Put
) -> None:
    def depth() -> float:
        return counted("circles_queue_depth")

    handler, health = Stuck(), Health()
    async with consuming_with(broker, handler, health):
        await put(1, 2, 3)
        await eventually(lambda: depth() == 3)
        await eventually(lambda: in_hand() > 0)
        first = in_hand()
        await eventually(lambda: in_hand() > first)
        handler.may_go_on.set()
        await eventually(lambda: handler.handled == 3)
        await eventually(lambda: depth() == 0 and in_hand() == 0)


async def test_a_batch_is_in_hand_since_it_was_taken_however_old_its_events(
    broker: Broker, put: Put
) -> None:
    happened = datetime.now(UTC) - timedelta(hours=1)
    handler = Stuck()
    async with consuming_with(broker, handler, Health()):
        await put(encode(replace(new_event(a_message_sent()), time=happened)))
        await eventually(lambda: in_hand() > 0)
        assert in_hand() < 60
        handler.may_go_on.set()
        await eventually(lambda: handler.handled == 1)


async def test_parked_events_are_counted_at_the_next_look(
    broker: Broker, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.rabbitmq.consumer.QUEUE_CHECK_SECONDS", 0.05)
    handler = Stuck()
    handler.may_go_on.set()
    async with consuming_with(broker, handler, Health()):
        await put(b"no event at all", b"nor this")
        await eventually(lambda: counted("circles_parked_events") == 2)


async def test_a_parked_queue_that_is_gone_stops_nothing(
    broker: Broker, admin: AbstractChannel, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.rabbitmq.consumer.QUEUE_CHECK_SECONDS", 0.05)
    handler, health = Stuck(), Health()
    handler.may_go_on.set()
    parked = await admin.get_queue(QUEUE.parked)
    await parked.delete(if_unused=False, if_empty=False)
    try:
        async with consuming_with(broker, handler, health):
            await eventually(lambda: math.isnan(counted("circles_parked_events")))
            await put(1)
            await eventually(lambda: handler.handled == 1)
            assert not health.missing
    finally:
        await declare_topology(broker.admin_url)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers[:])
    monkeypatch.setattr(root, "level", root.level)
    written = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", written)
        set_up_logs("tests", "info")
    return written


class Held:
    """A handler whose database makes it wait until it is let go on."""

    def __init__(self) -> None:
        self.may_go_on = False

    async def __call__(self, events: Sequence[Event]) -> None:
        if not self.may_go_on:
            raise DatabaseAway("LockNotAvailableError while locking a tuple")


async def test_a_batch_that_waits_says_for_what_and_how_long_already(
    broker: Broker, put: Put, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SLOW_SECONDS", 0.2)
    monkeypatch.setattr(patience, "AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(consumer, "RETRY_SECONDS", 0.05)

    def lines(event: str) -> list[dict[str, Any]]:
        said = [json.loads(line) for line in log.getvalue().splitlines()]
        return [line for line in said if line["event"] == event]

    handler = Held()
    async with consuming_with(broker, handler, Health()):
        await put(1)
        await eventually(lambda: len(lines("batch waits")) == 2)
        handler.may_go_on = True
        await eventually(lambda: bool(lines("batch waits no more")))
    first, second = lines("batch waits")[:2]
    assert (first["queue"], first["events"]) == ("notifier.events", 1)
    assert first["waits_for"] == "LockNotAvailableError while locking a tuple"
    assert 0.2 <= first["seconds"] < second["seconds"]


class Quoting:
    """Fails as a database driver does: with the values that it was given."""

    async def __call__(self, events: Sequence[Event]) -> None:
        raise ValueError(f"invalid input: {events[0].fact!r}")


async def test_a_log_names_the_event_that_failed_and_quotes_nothing_of_it(
    broker: Broker, admin: AbstractChannel, log: io.StringIO
) -> None:
    events = [new_event(a_message_sent(content="a secret plan"), GIVEN) for _ in range(2)]
    exchange = await admin.get_exchange(EVENTS_EXCHANGE, ensure=False)
    # As a retry hands it back: its routing key is the queue's name.
    own = await admin.get_exchange(own_exchange("notifier.events"), ensure=False)
    async with consuming_with(broker, Quoting(), Health()):
        for event, (to, key) in zip(
            events, [(exchange, events[0].type), (own, "notifier.events")], strict=True
        ):
            message = aio_pika.Message(encode(event), message_id=str(event.id), type=event.type)
            await to.publish(message, key)
        await eventually(lambda: log.getvalue().count("event parked") == 2)
    assert "secret plan" not in log.getvalue()
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    parked = [line for line in lines if line["event"] == "event parked"]
    assert [line["event_id"] for line in parked] == [str(event.id) for event in events]
    assert {line["trace_id"] for line in parked} == {TRACE}
    assert {line["type"] for line in parked} == {event.type for event in events}
    assert {line["reason"] for line in parked} == {"ValueError"}


async def test_a_log_quotes_nothing_of_what_the_broker_gives_back(
    new_process: NewProcess, broker: Broker, admin: AbstractChannel, log: io.StringIO
) -> None:
    process = await new_process()
    events_log = await admin.get_exchange(EVENTS_EXCHANGE, ensure=False)
    names = ("notifier.events", "circles.events.log")
    for name, binding in zip(names, ("chat.#", "#"), strict=True):
        await (await admin.get_queue(name, ensure=False)).unbind(events_log, binding)
    try:
        async with process.relay.running():
            await process.commit(1, content="a secret plan")
            await eventually(lambda: "publish failed" in log.getvalue())
    finally:
        for name, binding in zip(names, ("chat.#", "#"), strict=True):
            await (await admin.get_queue(name, ensure=False)).bind(events_log, binding)
    assert "secret plan" not in log.getvalue()

"""Parked events in an operator's hands: seen, given back, dropped, and never lost on the way."""

import asyncio
from collections.abc import AsyncIterator

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from click.testing import CliRunner, Result

from shared.events.envelope import Event, encode, new_event
from shared.operations.command import _finish
from shared.operations.parked import parked_commands
from shared.rabbitmq.parked import Parked, ParkedUnreadable, opened_parked
from shared.rabbitmq.topology import SERVICE_QUEUES
from tests.builders import a_message_sent
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.waiting import eventually

QUEUE = SERVICE_QUEUES["notifier"]


@pytest.fixture
async def admin(broker: Broker) -> AsyncIterator[AbstractChannel]:
    """An administrator's channel; the queues are empty."""
    await broker.purge()
    async with await aio_pika.connect(broker.admin_url) as connection:
        yield await connection.channel()
    await broker.purge()


async def park(admin: AbstractChannel, body: bytes, reason: str = "no", id_: str = "an-id") -> None:
    headers = {"x-parked-reason": reason, "x-parked-at": "2026-11-25T10:00:00+00:00"}
    message = aio_pika.Message(body, message_id=id_, type="a.type.v1", headers=dict(headers))
    await admin.default_exchange.publish(message, QUEUE.parked)


@pytest.fixture
async def parked(admin: AbstractChannel) -> list[Event]:
    """Three of them, oldest first."""
    events = [new_event(a_message_sent(seq=seq)) for seq in (1, 2, 3)]
    for event in events:
        await park(admin, encode(event), f"reason {event.id}", str(event.id))
    return events


async def ids(broker: Broker) -> list[str]:
    async with opened_parked(broker.url_of("notifier"), QUEUE) as events:
        return [parked.event_id for parked in await events.all()]


async def waiting_in(admin: AbstractChannel, queue: str) -> int:
    declared = await admin.declare_queue(queue, passive=True)
    return declared.declaration_result.message_count or 0


async def circles(broker: Broker, *arguments: str, answer: str | None = None) -> Result:
    """What an operator types after `parked`, as the service's own user."""
    commands = parked_commands(QUEUE, lambda: broker.url_of("notifier"), _finish)
    return await asyncio.to_thread(CliRunner().invoke, commands, list(arguments), answer)


async def bodies(admin: AbstractChannel, queue: str, count: int) -> list[bytes]:
    """What is in a queue, taken out of it."""
    source = await admin.get_queue(queue, ensure=False)
    found: list[bytes] = []

    async def take(message: AbstractIncomingMessage) -> None:
        found.append(message.body)

    tag = await source.consume(take, no_ack=True)
    await eventually(lambda: len(found) >= count)
    await source.cancel(tag)
    return found


async def test_looking_takes_nothing_out_and_keeps_the_order(
    broker: Broker, admin: AbstractChannel, parked: list[Event]
) -> None:
    expected = [str(event.id) for event in parked]
    # More often than a broker's own limit of deliveries.
    for _ in range(25):
        assert await ids(broker) == expected
    assert await bodies(admin, QUEUE.parked, 3) == [encode(event) for event in parked]


async def test_a_list_names_id_type_time_and_reason(broker: Broker, parked: list[Event]) -> None:
    listed = await circles(broker, "list")
    assert listed.exit_code == 0, listed.output
    for event in parked:
        named = f"{event.id}  {event.type}  2026-11-25T10:00:00\n  reason {event.id}\n"
        assert named in listed.output
    assert "3 in notifier.events.parked." in listed.output


async def test_an_empty_list_says_so(broker: Broker, admin: AbstractChannel) -> None:
    assert "Nothing is parked" in (await circles(broker, "list")).output


async def test_one_is_shown_whole(broker: Broker, parked: list[Event]) -> None:
    shown = await circles(broker, "show", "--id", str(parked[1].id))
    assert f'"id": "{parked[1].id}"' in shown.output
    assert str(parked[0].id) not in shown.output


async def test_what_is_no_json_is_shown_as_it_is(broker: Broker, admin: AbstractChannel) -> None:
    await park(admin, b"\xff no event", id_="odd")
    assert "\\xff no event" in (await circles(broker, "show", "--id", "odd")).output


async def test_one_is_handed_back_and_the_others_stay(
    broker: Broker, admin: AbstractChannel, parked: list[Event]
) -> None:
    done = await circles(broker, "retry", "--id", str(parked[1].id))
    assert "Handed 1 back to notifier.events" in done.output
    assert await bodies(admin, QUEUE.name, 1) == [encode(parked[1])]
    assert await bodies(admin, QUEUE.parked, 2) == [encode(parked[0]), encode(parked[2])]


async def test_all_are_handed_back_in_their_order(
    broker: Broker, admin: AbstractChannel, parked: list[Event]
) -> None:
    await circles(broker, "retry", "--all")
    assert await waiting_in(admin, QUEUE.parked) == 0
    assert await bodies(admin, QUEUE.name, 3) == [encode(event) for event in parked]


async def test_a_retry_that_breaks_off_loses_nothing(
    broker: Broker, admin: AbstractChannel, parked: list[Event]
) -> None:
    def break_off(_: Parked) -> None:
        raise RuntimeError("the terminal is gone")

    with pytest.raises(RuntimeError):
        async with opened_parked(broker.url_of("notifier"), QUEUE) as events:
            await events.retry(lambda _: True, break_off)
    handed_back = await bodies(admin, QUEUE.name, 1)
    left = await bodies(admin, QUEUE.parked, 2)
    assert handed_back + left == [encode(event) for event in parked]


async def test_dropping_asks_first(
    broker: Broker, admin: AbstractChannel, parked: list[Event]
) -> None:
    drop = ("drop", "--id", str(parked[0].id))
    refused = await circles(broker, *drop, answer="n\n")
    assert refused.exit_code != 0
    assert await waiting_in(admin, QUEUE.parked) == 3
    agreed = await circles(broker, *drop, answer="y\n")
    assert "Dropped 1" in agreed.output
    assert await waiting_in(admin, QUEUE.parked) == 2
    await circles(broker, "drop", "--all", "--yes")
    assert await waiting_in(admin, QUEUE.parked) == 0


async def test_an_id_that_is_not_parked_is_named(broker: Broker, parked: list[Event]) -> None:
    refused = await circles(broker, "retry", "--id", "no-such-id")
    assert refused.exit_code == 1
    assert "There is no such event in notifier.events.parked" in refused.output
    assert "Say which" in (await circles(broker, "retry")).output


async def test_a_service_sees_its_own_parked_events_only(
    broker: Broker, parked: list[Event]
) -> None:
    with pytest.raises(ParkedUnreadable, match=r"ACCESS_REFUSED.*Nothing is lost"):
        async with opened_parked(broker.url_of("chat"), QUEUE) as events:
            await events.all()

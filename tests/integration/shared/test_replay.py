"""The log of all events: read from any place in it, up to its end, and never for ever."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import aio_pika
import pytest

from shared.errors import Unavailable
from shared.events.envelope import Event, encode, new_event
from shared.operations import replaying
from shared.operations.replaying import (
    Choice,
    Replay,
    ReplayRefused,
    Tally,
    ensure_nothing_is_overtaken,
)
from shared.rabbitmq import replay
from shared.rabbitmq.replay import Log, LogUnreadable, Start, opened_log
from shared.rabbitmq.topology import EVENTS_EXCHANGE, SERVICE_QUEUES
from tests.builders import a_group, a_group_created, a_message_deleted, a_message_sent
from tests.fixtures.rabbitmq import Broker, made_broker
from tests.fixtures.waiting import eventually

QUEUE = SERVICE_QUEUES["notifier"]


@pytest.fixture
async def own(broker: Broker) -> AsyncIterator[Broker]:
    """A broker of the test's own: others' events are in the log of the shared one."""
    async with made_broker(f"{broker.run}_{uuid4().hex[:6]}") as made:
        yield made


async def publish(broker: Broker, *bodies: bytes, key: str = "chat.message.sent.v1") -> None:
    async with await aio_pika.connect(broker.admin_url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(EVENTS_EXCHANGE, ensure=False)
        # One after the other, so that each is a chunk of its own.
        for body in bodies:
            await exchange.publish(aio_pika.Message(body), key)


async def publish_events(broker: Broker, *events: Event) -> None:
    for event in events:
        await publish(broker, encode(event), key=event.type)


@asynccontextmanager
async def reading(broker: Broker) -> AsyncIterator[Log]:
    async with asyncio.timeout(15), opened_log(broker.url_of("notifier"), "a replay") as log:
        yield log


class Handled:
    """A service that notes what it is given, and knows each event once."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.fails_at: Event | None = None

    async def __call__(self, events: Sequence[Event]) -> int:
        if self.fails_at in events:
            raise ValueError("no")
        new = [event for event in events if event not in self.events]
        self.events += new
        return len(new)


async def replayed(
    broker: Broker, choice: Choice, handled: Handled | None = None
) -> tuple[list[Event], Tally]:
    handled, tally = handled or Handled(), Tally()
    async with reading(broker) as log:
        await Replay(log, QUEUE, choice, handled, tally).run(lambda: None)
    return handled.events, tally


def some(count: int) -> list[Event]:
    group = a_group()
    return [new_event(a_message_sent(group, seq)) for seq in range(1, count + 1)]


async def test_the_log_ends_somewhere_while_events_keep_coming(
    own: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "END_SECONDS", 1.0)

    async def keep_publishing() -> None:
        while True:
            await publish(own, b"{}", b"{}")

    await publish(own, b"{}")
    traffic = asyncio.create_task(keep_publishing())
    try:
        async with reading(own) as log:
            ends = await log.ends()
    finally:
        traffic.cancel()
    assert ends is not None
    assert ends.last > ends.first == 0


async def test_an_empty_log_ends_at_once(own: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "END_SECONDS", 0.5)
    starts: tuple[Start, ...] = ("first", 7, datetime.now(UTC) - timedelta(hours=1))
    for start in starts:
        events, tally = await replayed(own, Choice(start))
        assert (events, tally.read, tally.ends) == ([], 0, None)


async def test_everything_is_read_in_order_and_once(
    own: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "PREFETCH", 4)
    monkeypatch.setattr(replay, "BATCH", 3)
    sent = some(20)
    await publish_events(own, *sent)
    events, tally = await replayed(own, Choice())
    assert events == sent
    assert (tally.read, tally.matched, tally.new, tally.skipped) == (20, 20, 20, 0)
    assert tally.reached == 19


async def test_what_was_handled_is_skipped(own: Broker) -> None:
    await publish_events(own, *some(3))
    handled = Handled()
    await replayed(own, Choice(), handled)
    _, tally = await replayed(own, Choice(), handled)
    assert (tally.matched, tally.new, tally.skipped) == (3, 0, 3)


async def test_what_comes_during_a_replay_is_left_to_the_queue(own: Broker) -> None:
    sent = some(5)
    await publish_events(own, *sent[:3])
    async with reading(own) as log:
        ends = await log.ends()
        assert ends is not None
        await publish_events(own, *sent[3:])
        read = [e.offset async for batch in log.batches("first", ends.last) for e in batch]
    assert read == [0, 1, 2]


async def test_a_replay_begins_at_an_offset(own: Broker) -> None:
    sent = some(5)
    await publish_events(own, *sent)
    assert (await replayed(own, Choice(3)))[0] == sent[3:]
    assert (await replayed(own, Choice(4)))[0] == sent[4:]
    assert (await replayed(own, Choice(5)))[0] == []


async def test_a_replay_begins_at_a_moment_to_the_event(own: Broker) -> None:
    sent = some(6)
    await publish_events(own, *sent)
    assert (await replayed(own, Choice(sent[2].time)))[0] == sent[2:]


async def test_a_moment_after_the_newest_event_ends_too(
    own: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "BEYOND_SECONDS", 0.3)
    await publish_events(own, *some(2))
    events, _ = await replayed(own, Choice(datetime.now(UTC) + timedelta(hours=1)))
    assert events == []


async def test_types_and_groups_narrow_it_down(own: Broker) -> None:
    group, other = a_group(), a_group()
    sent = a_message_sent(group)
    events = [new_event(sent), new_event(a_message_sent(other))]
    events += [new_event(a_message_deleted(sent)), new_event(a_group_created(group))]
    await publish_events(own, *events)
    chosen = Choice(types=frozenset({"chat.message.sent.v1"}))
    assert (await replayed(own, chosen))[0] == events[:2]
    chosen = Choice(group_id=group.id)
    assert (await replayed(own, chosen))[0] == [events[0], events[2], events[3]]


async def test_events_that_the_queue_would_not_get_are_left_out(own: Broker) -> None:
    await publish(own, b"{}", key="notifier.notification.delivered.v1")
    _, tally = await replayed(own, Choice())
    assert (tally.read, tally.matched) == (1, 0)


async def test_a_dry_run_counts_and_handles_nothing(own: Broker) -> None:
    await publish_events(own, *some(3))
    tally = Tally()
    async with reading(own) as log:
        await Replay(log, QUEUE, Choice(), None, tally).run(lambda: None)
    assert (tally.read, tally.matched, tally.new) == (3, 3, 0)


async def test_what_fails_costs_itself_alone_and_is_named(own: Broker) -> None:
    sent = some(4)
    await publish_events(own, *sent[:2])
    await publish(own, b"no event")
    await publish_events(own, *sent[2:])
    handled = Handled()
    handled.fails_at = sent[1]
    events, tally = await replayed(own, Choice(), handled)
    assert events == [sent[0], *sent[2:]]
    assert (tally.matched, tally.new, tally.failed) == (5, 3, 2)
    # Which is found first depends on what the log hands over at a time.
    assert sorted(tally.failures) == [
        "offset 1: ValueError: no",
        "offset 2: not a valid CloudEvents envelope: Invalid JSON: expected ident at line 1"
        " column 2",
    ]


async def test_a_service_that_stays_away_ends_the_replay_with_where_to_go_on(
    own: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "AWAY_SECONDS", 0.1)
    monkeypatch.setattr(replaying, "RETRY_SECONDS", 0.01)
    await publish_events(own, *some(3))

    async def away(_: Sequence[Event]) -> int:
        raise Unavailable("The database is away.")

    async with reading(own) as log:
        with pytest.raises(ReplayRefused, match=r"The database is away. Go on with --offset 1"):
            await Replay(log, QUEUE, Choice(1), away, Tally()).run(lambda: None)


async def test_a_part_of_the_log_does_not_overtake_what_waits_in_the_queue(own: Broker) -> None:
    await publish_events(own, *some(3))
    async with reading(own) as log:
        await ensure_nothing_is_overtaken(log, QUEUE, Choice())
        with pytest.raises(ReplayRefused, match=r"3 events wait in .*, and 0 replicas"):
            await ensure_nothing_is_overtaken(log, QUEUE, Choice(2))


async def test_a_log_that_stops_in_the_middle_is_told_of(
    own: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "STALL_SECONDS", 0.2)
    await publish_events(own, *some(2))
    async with reading(own) as log:
        with pytest.raises(LogUnreadable, match=r"stopped at offset 1 of 9.*--offset 2"):
            async for _ in log.batches("first", 9):
                pass


async def test_who_may_not_read_the_log_is_told_so(own: Broker) -> None:
    with pytest.raises(LogUnreadable, match=r"ACCESS_REFUSED.*may read the log"):
        async with opened_log(own.url_of("groups"), "a replay") as log:
            await log.ends()


async def test_a_connection_that_is_lost_ends_the_reading(own: Broker) -> None:
    await publish_events(own, *some(1))
    with pytest.raises(LogUnreadable, match="closed"):
        async with reading(own) as log:
            async for _ in log.batches("first", 9):
                await own.close_connections("notifier")


@pytest.mark.parametrize("use", ["the batch read last", "the ends", "the queue"])
async def test_a_connection_lost_since_its_last_use_ends_the_reading(own: Broker, use: str) -> None:
    await publish_events(own, *some(1))
    with pytest.raises(LogUnreadable, match="closed"):
        async with reading(own) as log:
            async for _ in log.batches("first", 9):
                assert log._connection.transport is not None
                lost = log._connection.transport.connection.closing
                await own.close_connections("notifier")
                # Told apart from the time-out that the driver's failures are told by as well.
                await eventually(lost.done)
                if use == "the ends":
                    await log.ends()
                if use == "the queue":
                    await log.waiting_for(QUEUE)

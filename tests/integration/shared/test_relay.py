"""The relay: what was committed is published, in order, until the broker has confirmed it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aio_pika
import asyncpg
import pytest

from shared.outbox import relay
from shared.outbox.record import record
from shared.postgres.pool import OwnConnection
from shared.rabbitmq.publisher import Outgoing, Publish, Publisher
from shared.rabbitmq.topology import EVENTS_EXCHANGE, EVENTS_LOG
from tests.builders import a_group, a_message_sent
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.servers import server_url
from tests.fixtures.waiting import eventually
from tests.integration.shared.conftest import (
    NewProcess,
    all_published,
    next_seqs,
    relaying,
    unpublished,
)


async def test_facts_are_published_in_the_order_of_commits(
    new_process: NewProcess, broker: Broker, owner: OwnConnection
) -> None:
    process = await new_process()
    await process.commit(1, 2)
    async with broker.tapped("chat.#") as tap, relaying(process):
        for seq in range(3, 600):
            await process.commit(seq)
        assert await next_seqs(tap, 599) == list(range(1, 600))
        await all_published(owner)


async def test_what_was_published_long_ago_is_removed_now_and_then_where_there_is_never_a_pause(
    new_process: NewProcess, owner: OwnConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "PRUNE_BATCH", 2)
    monkeypatch.setattr(relay, "PRUNE_AGAIN_SECONDS", 0.2)
    process = await new_process()
    await process.commit(*range(1, 8))
    await owner.execute(
        "UPDATE outbox SET published_at = now() - CASE WHEN id % 7 < 5 THEN interval '25 hours'"
        " ELSE interval '23 hours' END"
    )
    kept = "SELECT count(*) FROM outbox WHERE published_at < now() - interval '1 hour'"
    busy = True

    async def traffic() -> None:
        seq = 8
        while busy:
            await process.commit(seq)
            seq += 1

    loop = asyncio.get_running_loop()
    began_at = loop.time()
    async with relaying(process):
        writing = asyncio.create_task(traffic())

        async def pruned() -> bool:
            return bool(await owner.fetchval(kept) == 2)

        await eventually(pruned)
        # Five rows in three batches, and publishing had the time between them to itself.
        assert loop.time() - began_at > 2 * relay.PRUNE_AGAIN_SECONDS
        busy = False
        await writing
        await all_published(owner)


async def test_an_event_travels_with_what_readers_go_by(
    new_process: NewProcess, broker: Broker
) -> None:
    process = await new_process()
    async with broker.tapped("chat.#") as tap, relaying(process):
        async with process.outbox.transaction() as connection:
            [event] = await record(connection, a_message_sent())
        message = await tap.next_message()
    assert message.message_id == str(event.id)
    assert message.type == message.routing_key == "chat.message.sent.v1"
    assert message.content_type == "application/cloudevents+json"
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT


async def test_what_was_rolled_back_is_never_told(new_process: NewProcess, broker: Broker) -> None:
    process = await new_process()
    async with broker.tapped("chat.#") as tap, relaying(process):
        with pytest.raises(ZeroDivisionError):
            async with process.outbox.transaction() as connection:
                await record(connection, a_message_sent(seq=1))
                raise ZeroDivisionError
        await process.commit(2)
        assert await next_seqs(tap, 1) == [2]


async def test_a_commit_that_comes_late_is_not_stepped_over(
    new_process: NewProcess, broker: Broker
) -> None:
    process = await new_process()
    async with broker.tapped("chat.#") as tap, relaying(process):
        async with process.outbox.transaction() as connection:
            await record(connection, a_message_sent(seq=1))
            await process.commit(2)
            assert await next_seqs(tap, 1) == [2]
        assert await next_seqs(tap, 1) == [1]


async def test_what_no_queue_takes_is_kept_and_published_once_one_does(
    new_process: NewProcess, broker: Broker, owner: OwnConnection
) -> None:
    process = await new_process()
    async with await aio_pika.connect(broker.admin_url) as connection:
        channel = await connection.channel()
        log = await channel.get_queue(EVENTS_LOG)
        queue = await channel.get_queue("notifier.events")
        await log.unbind(EVENTS_EXCHANGE, "#")
        await queue.unbind(EVENTS_EXCHANGE, "chat.#")
        try:
            async with relaying(process):
                await process.commit(1)
                await eventually(lambda: "not confirmed" in process.health.missing.get("relay", ""))
                await process.commit(2)
                assert await unpublished(owner) == 2
                async with broker.tapped("chat.#") as tap:
                    assert await next_seqs(tap, 2) == [1, 2]
                    await all_published(owner)
                    await eventually(lambda: not process.health.missing)
        finally:
            await log.bind(EVENTS_EXCHANGE, "#")
            await queue.bind(EVENTS_EXCHANGE, "chat.#")


class HeldPublisher(Publisher):
    """Publishes nothing; a test says what the broker answers."""

    def __init__(self) -> None:
        super().__init__("amqp://nobody@nowhere/", "held")
        self.asked: asyncio.Queue[Sequence[Outgoing]] = asyncio.Queue()
        self.answers: asyncio.Queue[list[bool]] = asyncio.Queue()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Publish]:
        async def publish(events: Sequence[Outgoing]) -> list[bool]:
            self.asked.put_nowait(events)
            return await self.answers.get()

        yield publish


async def test_only_what_the_broker_confirmed_counts_as_published(
    new_process: NewProcess, owner: OwnConnection
) -> None:
    publisher = HeldPublisher()
    process = await new_process(publisher)
    await process.commit(1, 2, 3)
    async with asyncio.timeout(10), relaying(process):
        assert len(await publisher.asked.get()) == 3
        assert await unpublished(owner) == 3
        publisher.answers.put_nowait([True, False, False])
        assert len(await publisher.asked.get()) == 2
        assert await unpublished(owner) == 2
        publisher.answers.put_nowait([True, True])
        await all_published(owner)


async def relays(owner: OwnConnection) -> list[tuple[int, bool]]:
    """The relays' connections, and whether each is the one at work."""
    return [
        (row["pid"], row["works"])
        for row in await owner.fetch(
            "SELECT a.pid, l.pid IS NOT NULL AS works FROM pg_stat_activity a"
            " LEFT JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'advisory' AND l.granted"
            " WHERE a.application_name = 'circles-relay' AND a.datname = current_database()"
        )
    ]


async def end_connection(pid: int) -> None:
    """As a restart of the server or an administrator would."""
    admin = await asyncpg.connect(server_url("TEST_DATABASE_URL"))
    try:
        await admin.execute("SELECT pg_terminate_backend($1)", pid)
    finally:
        await admin.close()


async def until_relays(owner: OwnConnection, works: list[bool]) -> None:
    async def as_wanted() -> bool:
        return sorted(works for _, works in await relays(owner)) == sorted(works)

    await eventually(as_wanted)


async def test_a_second_relay_stands_by_and_takes_over(
    new_process: NewProcess, broker: Broker, owner: OwnConnection
) -> None:
    first, second = await new_process(), await new_process()
    at_work = asyncio.create_task(first.relay.run())
    await until_relays(owner, [True])
    async with broker.tapped("chat.#") as tap, relaying(second):
        await until_relays(owner, [True, False])
        await first.commit(1)
        published = await next_seqs(tap, 1)
        await all_published(owner)
        # The first event of a connection is sent again when its confirm takes long; what follows is
        # sent once, and comes behind all copies of it.
        await first.commit(2)
        while published[-1] != 2:
            published += await next_seqs(tap, 1)
        assert sorted(set(published)) == [1, 2]
        await all_published(owner)
        [holder] = [pid for pid, works in await relays(owner) if works]
        await end_connection(holder)
        await first.commit(3)
        await asyncio.wait([at_work], timeout=10)
        assert at_work.exception()
        await first.commit(4)
        published = await next_seqs(tap, 2)
        # A relay that ended between confirm and mark leaves its fact to be published again.
        while published[-1] != 4:
            published += await next_seqs(tap, 1)
        assert sorted(set(published)) == [3, 4]
        await all_published(owner)


async def test_a_commit_beside_the_standby_is_published_at_once(
    new_process: NewProcess,
    broker: Broker,
    owner: OwnConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "SWEEP_SECONDS", 3600.0)
    first, second = await new_process(), await new_process()
    async with broker.tapped("chat.#") as tap, relaying(first):
        await until_relays(owner, [True])
        async with relaying(second):
            await until_relays(owner, [True, False])
            await eventually(lambda: not (first.health.missing or second.health.missing))
            for seq in (1, 2, 3):
                await second.commit(seq)
                assert await next_seqs(tap, 1) == [seq]


async def test_the_relay_comes_back_when_the_broker_closes_its_connection(
    new_process: NewProcess,
    broker: Broker,
    owner: OwnConnection,
) -> None:
    process = await new_process()
    group = a_group()
    async with broker.tapped("chat.#") as tap, relaying(process):
        await process.commit(1)
        assert await next_seqs(tap, 1) == [1]
        await all_published(owner)
        await broker.close_connections("chat")
        async with process.outbox.transaction() as connection:
            await record(connection, a_message_sent(group, 2))
        assert await next_seqs(tap, 1) == [2]
        await eventually(lambda: not process.health.missing)


async def test_what_was_committed_just_before_a_stop_is_published_before_it_ends(
    new_process: NewProcess,
    broker: Broker,
    owner: OwnConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # That it waits, not how fast this machine is.
    monkeypatch.setattr(relay, "SETTLE_SECONDS", 60.0)
    process = await new_process()
    many = range(1, 2 * relay.BATCH)
    async with broker.tapped("chat.#") as tap:
        async with relaying(process):
            await eventually(lambda: not process.health.missing)
            await process.commit(*many)
        assert await unpublished(owner) == 0
        assert await next_seqs(tap, len(many)) == list(many)


async def test_what_was_committed_beside_the_standby_just_before_it_stops_is_published_at_once(
    new_process: NewProcess,
    broker: Broker,
    owner: OwnConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "SWEEP_SECONDS", 3600.0)
    first, second = await new_process(), await new_process()
    async with broker.tapped("chat.#") as tap, relaying(first):
        await until_relays(owner, [True])
        await eventually(lambda: not first.health.missing)
        async with relaying(second):
            await until_relays(owner, [True, False])
            await eventually(lambda: not second.health.missing)
            await second.commit(1)
        assert await next_seqs(tap, 1) == [1]


async def test_a_stop_waits_for_no_broker_that_is_away(
    new_process: NewProcess, owner: OwnConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SETTLE_SECONDS", 0.1)
    publisher = HeldPublisher()
    process = await new_process(publisher)
    async with asyncio.timeout(10):
        async with relaying(process):
            await process.commit(1)
            await publisher.asked.get()
    # It waits for the next start.
    assert await unpublished(owner) == 1

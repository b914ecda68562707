"""The broker's confirms, where they are late, missing, or miss one event."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from aiormq.channel import Channel

from shared.outbox import relay
from shared.postgres.pool import OwnConnection
from shared.rabbitmq import publisher as publisher_of_events
from shared.rabbitmq.publisher import Outgoing, Publish, Publisher
from tests.fixtures.rabbitmq import Broker
from tests.integration.shared.conftest import NewProcess, all_published, next_seqs, relaying


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> float:
    """For how many seconds the broker may be silent here."""
    monkeypatch.setattr(publisher_of_events, "CONFIRM_SECONDS", 1.0)
    return publisher_of_events.CONFIRM_SECONDS


class CountingPublisher(Publisher):
    """Counts its connections, and how often it sends each event."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "relay in a test")
        self.connections = 0
        self.sent: Counter[UUID] = Counter()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Publish]:
        self.connections += 1
        async with super().opened() as publish:
            yield publish

    async def _publish(self, channel: Channel, event: Outgoing) -> None:
        self.sent[event.event_id] += 1
        await super()._publish(channel, event)


class LosingPublisher(CountingPublisher):
    """The first thing it sends is never answered for, as where a queue has no leader yet."""

    lost = 0

    async def _publish(self, channel: Channel, event: Outgoing) -> None:
        if not self.lost:
            self.lost += 1
            await asyncio.Event().wait()
        await super()._publish(channel, event)


async def test_what_a_queue_without_a_leader_swallowed_is_sent_again_on_the_same_connection(
    new_process: NewProcess, broker: Broker, owner: OwnConnection
) -> None:
    publisher = LosingPublisher(broker.url_of("chat"))
    process = await new_process(publisher)
    await process.commit(1, 2, 3)
    async with broker.tapped("chat.#") as tap, relaying(process):
        assert await next_seqs(tap, 3) == [1, 2, 3]
        await all_published(owner)
    assert (publisher.lost, publisher.connections) == (1, 1)


class SlowPublisher(CountingPublisher):
    """Its broker confirms one event after the other, each as late as `seconds`."""

    seconds = 0.05

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._turn = asyncio.Lock()

    async def _publish(self, channel: Channel, event: Outgoing) -> None:
        await super()._publish(channel, event)
        async with self._turn:
            await asyncio.sleep(self.seconds)


async def test_a_broker_that_is_slow_but_answers_is_not_given_up(
    new_process: NewProcess,
    broker: Broker,
    owner: OwnConnection,
    patience: float,
) -> None:
    publisher = SlowPublisher(broker.url_of("chat"))
    process = await new_process(publisher)
    many = range(1, 2 * round(patience / publisher.seconds))
    await process.commit(*many)
    async with relaying(process):
        await all_published(owner)
    assert publisher.connections == 1
    # All but the first, which is sent again where its confirm takes long.
    assert Counter(publisher.sent.values())[1] >= len(many) - 1


async def test_however_long_a_batch_takes_the_relay_keeps_its_lock(
    new_process: NewProcess,
    broker: Broker,
    owner: OwnConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silence = 0.5
    monkeypatch.setattr(relay, "SILENCE", f"{silence}s")
    for every in ("SPEAK_SECONDS", "SWEEP_SECONDS"):
        monkeypatch.setattr(relay, every, silence / 5)
    publisher = SlowPublisher(broker.url_of("chat"))
    process = await new_process(publisher)
    many = range(1, 2 * round(silence / publisher.seconds))
    await process.commit(*many)
    async with relaying(process):
        await all_published(owner)
    assert publisher.connections == 1


class HolePublisher(CountingPublisher):
    """One event in the middle is never confirmed the first time."""

    async def _publish(self, channel: Channel, event: Outgoing) -> None:
        if len(self.sent) == 3 and event.event_id not in self.sent:
            self.sent[event.event_id] += 1
            await asyncio.Event().wait()
        await super()._publish(channel, event)


@pytest.mark.usefixtures("patience")
async def test_what_was_confirmed_beside_what_was_not_is_not_sent_again(
    new_process: NewProcess,
    broker: Broker,
    owner: OwnConnection,
) -> None:
    publisher = HolePublisher(broker.url_of("chat"))
    process = await new_process(publisher)
    await process.commit(1, 2, 3, 4, 5, 6)
    async with relaying(process):
        await all_published(owner)
    times = [publisher.sent[event] for event in list(publisher.sent)[1:]]
    assert times == [1, 1, 2, 1, 1]

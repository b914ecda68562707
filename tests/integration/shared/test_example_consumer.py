"""The example of docs/attach-a-service.md does what the page says, as it is written."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from uuid import uuid4

import aio_pika
import pytest

from shared.events.envelope import encode, new_event
from shared.events.fact import GroupRef
from shared.rabbitmq.topology import EVENTS_EXCHANGE
from tests.builders import a_group, a_group_created, a_message_sent
from tests.fixtures.rabbitmq import READER, Broker, made_broker
from tests.fixtures.waiting import eventually

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples/consumer/count_messages.py"
PAGE = ROOT / "docs/attach-a-service.md"


@pytest.fixture
async def own(broker: Broker) -> AsyncIterator[Broker]:
    async with made_broker(f"{broker.run}_{uuid4().hex[:6]}") as made:
        yield made


@asynccontextmanager
async def attached(broker: Broker, counts: Path) -> AsyncIterator[None]:
    """The example, running; killed at the end."""
    environment = {"AMQP_URL": broker.url_of(READER), "COUNTS": str(counts)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLE), env={**os.environ, **environment}
    )
    try:
        yield
        assert process.returncode is None
    finally:
        process.kill()
        await process.wait()


async def post(broker: Broker, group: GroupRef, count: int) -> None:
    events = [new_event(a_group_created(group))]
    events += [new_event(a_message_sent(group, seq)) for seq in range(1, count + 1)]
    async with await aio_pika.connect(broker.admin_url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(EVENTS_EXCHANGE, ensure=False)
        for event in events:
            await exchange.publish(aio_pika.Message(encode(event)), event.type)


def counted(counts: Path) -> dict[str, int]:
    if not counts.exists():
        return {}
    with closing(sqlite3.connect(counts)) as connection:
        try:
            return dict(connection.execute("SELECT group_id, count FROM messages"))
        except sqlite3.OperationalError:
            return {}


async def test_a_new_service_sees_everything_from_the_first_event_on_and_once(
    own: Broker, tmp_path: Path
) -> None:
    counts, group, other = tmp_path / "counts.db", a_group(), a_group()
    await post(own, group, 5)
    async with attached(own, counts):
        await eventually(lambda: counted(counts) == {str(group.id): 5})
        await post(own, other, 2)
        await eventually(lambda: counted(counts) == {str(group.id): 5, str(other.id): 2})
    await post(own, group, 3)
    async with attached(own, counts):
        await eventually(lambda: counted(counts) == {str(group.id): 8, str(other.id): 2})


def test_the_page_shows_the_example_as_it_is() -> None:
    assert EXAMPLE.read_text() in PAGE.read_text()

"""Each service may do what it needs, and no more: at the broker and at the database."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aio_pika
import asyncpg
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aiormq.exceptions import ChannelAccessRefused

from shared.outbox.record import record
from shared.postgres.migrate import MigrationFailed, migrate
from shared.postgres.provision import provision_database
from shared.rabbitmq.topology import EVENTS_EXCHANGE, LIVE_EXCHANGE, declare_topology
from tests.builders import a_message_sent
from tests.fixtures.postgres import ROOT, Databases
from tests.fixtures.rabbitmq import READER, SERVICES, Broker
from tests.fixtures.servers import server_url

Attempt = Callable[[AbstractChannel], Awaitable[object]]


def publish(key: str, exchange: str = EVENTS_EXCHANGE) -> Attempt:
    async def attempt(channel: AbstractChannel) -> None:
        target = await channel.get_exchange(exchange, ensure=False)
        await target.publish(aio_pika.Message(b"{}"), key)

    return attempt


async def ignore(_: AbstractIncomingMessage) -> None:
    """What comes is of no interest."""


def consume(queue: str) -> Attempt:
    async def attempt(channel: AbstractChannel) -> None:
        found = await channel.get_queue(queue, ensure=False)
        tag = await found.consume(ignore)
        await found.cancel(tag)

    return attempt


def read_log() -> Attempt:
    async def attempt(channel: AbstractChannel) -> None:
        # Streams refuse consumers without a prefetch.
        await channel.set_qos(prefetch_count=1)
        await consume("circles.events.log")(channel)

    return attempt


def declare(queue: str) -> Attempt:
    return lambda channel: channel.declare_queue(queue, durable=True)


def declare_exchange(name: str) -> Attempt:
    return lambda channel: channel.declare_exchange(name, durable=True)


def delete(queue: str) -> Attempt:
    return lambda channel: channel.queue_delete(queue)


def bind(queue: str, exchange: str, key: str) -> Attempt:
    async def attempt(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).bind(exchange, key)

    return attempt


MATRIX: dict[str, dict[bool, dict[str, Attempt]]] = {
    "groups": {
        True: {"publish its own": publish("groups.group.created.v1")},
        False: {
            "publish chat's": publish("chat.message.sent.v1"),
            "publish a name that only begins alike": publish("groupsx.y"),
            "publish past the exchange": publish("chat.events", exchange=""),
            "speak to the replicas": publish("", exchange=LIVE_EXCHANGE),
            "read chat's queue": consume("chat.events"),
            "read the log": consume("circles.events.log"),
        },
    },
    "chat": {
        True: {
            "publish its own": publish("chat.message.sent.v1"),
            "read its queue": consume("chat.events"),
            "park": publish("chat.events.parked", exchange=""),
            "read its parked events": consume("chat.events.parked"),
            "read the log": read_log(),
        },
        False: {
            "publish groups'": publish("groups.group.created.v1"),
            "publish the notifier's": publish("notifier.notification.delivered.v1"),
            "read the notifier's queue": consume("notifier.events"),
            "read the notifier's parked events": consume("notifier.events.parked"),
            "write into the log": bind("circles.events.log", EVENTS_EXCHANGE, "x"),
            "unbind or rebind": bind("chat.events", EVENTS_EXCHANGE, "#"),
        },
    },
    "notifier": {
        True: {
            "publish its own": publish("notifier.notification.delivered.v1"),
            "read its queue": consume("notifier.events"),
            "park": publish("notifier.events.parked", exchange=""),
            "read its parked events": consume("notifier.events.parked"),
            "read the log": read_log(),
            "have a live queue": declare("notifier.live.a-replica"),
            "hear the replicas": bind("notifier.live.a-replica", LIVE_EXCHANGE, ""),
            "speak to the replicas": publish("", exchange=LIVE_EXCHANGE),
            "drop its live queue": delete("notifier.live.a-replica"),
        },
        False: {
            "publish chat's": publish("chat.message.sent.v1"),
            "read chat's queue": consume("chat.events"),
            "read chat's parked events": consume("chat.events.parked"),
            "hear events past its queue": bind("notifier.live.b", EVENTS_EXCHANGE, "#"),
        },
    },
    READER: {
        True: {"read the log": read_log()},
        False: {
            "publish": publish("chat.message.sent.v1"),
            "read chat's queue": consume("chat.events"),
            "read what chat parked": consume("chat.events.parked"),
            "listen beside the log": bind("circles.events.log", EVENTS_EXCHANGE, "x"),
        },
    },
}
NOBODY_MAY: dict[str, Attempt] = {
    "declare a queue": declare("mine"),
    "declare an exchange": declare_exchange("mine"),
    "delete a queue": delete("notifier.events"),
    "delete the log": delete("circles.events.log"),
}


@pytest.mark.parametrize("service", [*SERVICES, READER])
async def test_a_service_may_do_at_the_broker_what_it_needs_and_no_more(
    broker: Broker, service: str
) -> None:
    await broker.purge()
    allowed = {True: MATRIX[service][True], False: MATRIX[service][False] | NOBODY_MAY}
    async with await aio_pika.connect(broker.url_of(service)) as connection:
        for may, attempts in allowed.items():
            for what, attempt in attempts.items():
                channel = await connection.channel()
                try:
                    await attempt(channel)
                    assert may, f"{service} may {what}"
                except ChannelAccessRefused:
                    assert not may, f"{service} may not {what}"
    await broker.purge()


async def test_nobody_publishes_in_the_name_of_another(broker: Broker) -> None:
    async with await aio_pika.connect(broker.url_of("chat")) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(EVENTS_EXCHANGE, ensure=False)
        with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed):
            await exchange.publish(
                aio_pika.Message(b"{}", user_id="somebody-else"), "chat.message.sent.v1"
            )


async def test_declaring_the_topology_again_changes_nothing(broker: Broker) -> None:
    await declare_topology(broker.admin_url)


@pytest.fixture
async def runtime(databases: Databases) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect((await databases.of("chat")).runtime_url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_running_service_changes_rows_and_no_tables(
    runtime: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    await record(runtime, a_message_sent())
    await runtime.execute("UPDATE outbox SET published_at = now()")
    await runtime.execute("DELETE FROM outbox")
    for forbidden in [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE outbox ADD COLUMN mine int",
        "CREATE INDEX ON outbox (type)",
        "TRUNCATE outbox",
        "DROP TABLE outbox",
        "CREATE ROLE mine",
    ]:
        try:
            await runtime.execute(forbidden)
            pytest.fail(f"a running service may {forbidden}")
        except asyncpg.InsufficientPrivilegeError:
            pass


async def test_no_service_connects_to_the_database_of_another(databases: Databases) -> None:
    groups, chat = await databases.of("groups"), await databases.of("chat")
    for mine, other in ((groups, chat), (chat, groups)):
        for url in (mine.runtime_url, mine.owner_url):
            elsewhere = url.rpartition("/")[0] + "/" + other.owner_url.rpartition("/")[2]
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(elsewhere)


async def test_the_jobs_may_run_again(databases: Databases) -> None:
    chat = await databases.of("chat")
    owner = await chat.connect()
    try:
        await record(owner, a_message_sent())
        before = await owner.fetch("SELECT version FROM schema_migrations ORDER BY version")
        await provision_database(server_url("TEST_DATABASE_URL"), chat.owner_url, chat.runtime_url)
        folders = [ROOT / "shared/outbox/migrations", ROOT / "services/chat/migrations"]
        await migrate(chat.owner_url, folders)
        after = await owner.fetch("SELECT version FROM schema_migrations ORDER BY version")
        assert before == after
        assert await owner.fetchval("SELECT count(*) FROM outbox") == 1
    finally:
        await owner.close()


async def test_a_migration_that_fails_says_why(databases: Databases) -> None:
    groups = await databases.of("groups")
    with pytest.raises(MigrationFailed, match="permission denied"):
        await migrate(groups.runtime_url, [ROOT / "services/notifier/migrations"])

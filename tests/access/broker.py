"""At the broker: each service's user, and that of a program which only reads the log."""

from collections.abc import Awaitable, Callable, Mapping

import aio_pika
import aiohttp
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aiormq.exceptions import InvalidFrameError, ProbableAuthenticationError
from yarl import URL

from shared.rabbitmq.topology import (
    EVENTS_EXCHANGE,
    EVENTS_LOG,
    LIVE_EXCHANGE,
    SERVICE_QUEUES,
)
from tests.access.table import Access, Refused
from tests.fixtures.rabbitmq import READER, SERVICES
from tests.fixtures.servers import server_url


def whose(service: str) -> str:
    """Its, in words."""
    return {"groups": "groups'", "chat": "chat's", "notifier": "the notifier's"}[service]


OnChannel = Callable[[AbstractChannel], Awaitable[object]]
UNAUTHORIZED = 401


def publish(key: str, exchange: str = EVENTS_EXCHANGE, user_id: str | None = None) -> OnChannel:
    async def attempt(channel: AbstractChannel) -> None:
        target = await channel.get_exchange(exchange, ensure=False)
        await target.publish(aio_pika.Message(b"{}", user_id=user_id), key)

    return attempt


async def ignore(_: AbstractIncomingMessage) -> None:
    """What comes is of no interest."""


def consume(queue: str) -> OnChannel:
    async def attempt(channel: AbstractChannel) -> None:
        # Streams refuse consumers without a prefetch.
        await channel.set_qos(prefetch_count=1)
        found = await channel.get_queue(queue, ensure=False)
        tag = await found.consume(ignore)
        await found.cancel(tag)

    return attempt


def declare(queue: str) -> OnChannel:
    return lambda channel: channel.declare_queue(queue, durable=True)


def declare_exchange(name: str) -> OnChannel:
    return lambda channel: channel.declare_exchange(name, durable=True)


def delete(queue: str) -> OnChannel:
    return lambda channel: channel.queue_delete(queue)


def delete_exchange(name: str) -> OnChannel:
    return lambda channel: channel.exchange_delete(name)


def purge(queue: str) -> OnChannel:
    async def attempt(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).purge()

    return attempt


def bind(queue: str, exchange: str, key: str) -> OnChannel:
    async def attempt(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).bind(exchange, key)

    return attempt


def unbind(queue: str, exchange: str, key: str) -> OnChannel:
    async def attempt(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).unbind(exchange, key)

    return attempt


MAY: Mapping[str, Mapping[str, OnChannel]] = {
    "groups": {"publish its own events": publish("groups.group.created.v1")},
    "chat": {
        "publish its own events": publish("chat.message.sent.v1"),
        "read its queue": consume("chat.events"),
        "park": publish("chat.events.parked", "chat.own"),
        "read what it parked": consume("chat.events.parked"),
        "give back what it parked": publish("chat.events", "chat.own"),
        "read the log": consume(EVENTS_LOG),
    },
    "notifier": {
        "publish its own events": publish("notifier.notification.delivered.v1"),
        "read its queue": consume("notifier.events"),
        "park": publish("notifier.events.parked", "notifier.own"),
        "read what it parked": consume("notifier.events.parked"),
        "give back what it parked": publish("notifier.events", "notifier.own"),
        "read the log": consume(EVENTS_LOG),
        "have a live queue": declare("notifier.live.a-replica"),
        "hear its replicas": bind("notifier.live.a-replica", LIVE_EXCHANGE, ""),
        "speak to its replicas": publish("", LIVE_EXCHANGE),
        "drop its live queue": delete("notifier.live.a-replica"),
    },
    READER: {"read the log": consume(EVENTS_LOG)},
}
MAY_NOT: Mapping[str, Mapping[str, OnChannel]] = {
    "groups": {
        "publish under chat's routing key": publish("chat.message.sent.v1"),
        "publish under the notifier's routing key": publish("notifier.notification.delivered.v1"),
        "publish under a key that only begins alike": publish("groupsx.y"),
        "read chat's queue": consume("chat.events"),
        "read the notifier's queue": consume("notifier.events"),
        "read the log": consume(EVENTS_LOG),
        "have a live queue": declare("notifier.live.b"),
    },
    "chat": {
        "publish under groups' routing key": publish("groups.group.created.v1"),
        "publish under the notifier's routing key": publish("notifier.notification.delivered.v1"),
        "read the notifier's queue": consume("notifier.events"),
        "read what the notifier parked": consume("notifier.events.parked"),
        "have a live queue": declare("notifier.live.b"),
        "hear more than it is bound to": bind("chat.events", EVENTS_EXCHANGE, "#"),
        "hear less than it is bound to": unbind("chat.events", EVENTS_EXCHANGE, "groups.#"),
    },
    "notifier": {
        "publish under groups' routing key": publish("groups.group.created.v1"),
        "publish under chat's routing key": publish("chat.message.sent.v1"),
        "read chat's queue": consume("chat.events"),
        "read what chat parked": consume("chat.events.parked"),
        "hear events past its queue": bind("notifier.live.b", EVENTS_EXCHANGE, "#"),
        "hear more than it is bound to": bind("notifier.events", EVENTS_EXCHANGE, "#"),
    },
    READER: {
        "publish an event": publish("chat.message.sent.v1"),
        "read chat's queue": consume("chat.events"),
        "read what chat parked": consume("chat.events.parked"),
        "listen beside the log": bind(EVENTS_LOG, EVENTS_EXCHANGE, "x"),
        "have a queue of its own": declare("counter.events"),
    },
}
# What nobody but the one-shot job may.
NOBODY_MAY: Mapping[str, OnChannel] = {
    "declare a queue": declare("mine"),
    "declare an exchange": declare_exchange("mine"),
    "delete a queue": delete("notifier.events"),
    "delete the log": delete(EVENTS_LOG),
    "delete the events exchange": delete_exchange(EVENTS_EXCHANGE),
    "empty a queue that is not its own": purge("somebody.events"),
    "have the log routed elsewhere": unbind(EVENTS_LOG, EVENTS_EXCHANGE, "#"),
}
# Until 0.2.0 whoever parks may, since the version before parks so; then nobody.
PAST_THE_EXCHANGES: Mapping[str, OnChannel] = {
    "put events into any queue, past the exchanges": publish("notifier.events", exchange=""),
    "write into the log, past the exchanges": publish(EVENTS_LOG, exchange=""),
}


def _as_another(who: str) -> Mapping[str, OnChannel]:
    """Publishing as somebody else, or by the exchange of somebody else."""
    forged = publish(f"{who}.a.b.v1", user_id="somebody-else")
    puts: dict[str, OnChannel] = {"publish as another user (`user_id`)": forged}
    for owner in ("chat", "notifier"):
        if owner != who:
            puts[f"put events into {whose(owner)} queue by `{owner}.own`"] = publish(
                f"{owner}.events", f"{owner}.own"
            )
    if who != "notifier":
        puts["speak to the notifier's replicas"] = publish("", LIVE_EXCHANGE)
    return puts


CHANNELS = [
    Access(who, what, may, attempt)
    for who in (*SERVICES, READER)
    for may, attempts in (
        (True, MAY[who]),
        (who in SERVICE_QUEUES, PAST_THE_EXCHANGES),
        (False, {**MAY_NOT[who], **_as_another(who), **NOBODY_MAY}),
    )
    for what, attempt in attempts.items()
]


async def _connect(url: URL) -> None:
    try:
        async with await aio_pika.connect(url):
            pass
    except ProbableAuthenticationError as error:
        raise Refused from error
    except InvalidFrameError as error:
        # The driver does not expect the broker to close what it asks it to open.
        if "Connection.Close" not in str(error):
            raise
        raise Refused from error


async def another_virtual_host(url: str) -> None:
    await _connect(URL(url).with_path("/"))


async def a_wrong_password(url: str) -> None:
    await _connect(URL(url).with_password("guess"))


async def management(url: str) -> None:
    user = URL(url)
    address = URL(server_url("TEST_MANAGEMENT_URL")).with_user(None) / "api" / "overview"
    said = aiohttp.encode_basic_auth(user.user or "", user.password or "")
    async with (
        aiohttp.ClientSession(headers={"Authorization": said}) as http,
        http.get(address) as answer,
    ):
        if answer.status == UNAUTHORIZED:
            raise Refused
        answer.raise_for_status()


# What is tried with a user's URL instead of one of its channels.
CONNECTIONS = [
    Access(who, what, False, attempt)
    for who in (*SERVICES, READER)
    for what, attempt in {
        "connect to another virtual host": another_virtual_host,
        "connect with a guessed password": a_wrong_password,
        "use the management API": management,
    }.items()
]

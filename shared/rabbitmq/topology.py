"""Every name, argument and binding of the broker, and who may use which. Once, here.

Declared by a one-shot job; services look queues up passively, so that a queue deleted by mistake is
noticed instead of being re-created without its bindings.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import aiormq.exceptions
from pamqp.common import FieldValue

from shared.errors import words_of
from shared.rabbitmq.connection import BROKER_FAILURES, connected

EVENTS_EXCHANGE = "circles.events"
LIVE_EXCHANGE = "circles.live"
EVENTS_LOG = "circles.events.log"

# Redeliveries after a crash of the consumer; a poisonous event ends in the parked queue, not in a
# loop. 3.10 has no default, 4.x has one that drops: so it is always said.
DELIVERY_LIMIT = 20

ELECTION_SECONDS = 30
# Longer than services have for it: at a start, nobody but its operator tries again.
PATIENCE_SECONDS = 10.0

LOG_MAX_AGE = "7D"
LOG_MAX_BYTES = 5_000_000_000
LOG_SEGMENT_BYTES = 100_000_000


@dataclass(frozen=True)
class ServiceQueue:
    """The queue from which one service consumes, and the queue for what it could not handle."""

    service: str
    bindings: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.service}.events"

    @property
    def parked(self) -> str:
        return f"{self.service}.events.parked"

    @property
    def own_exchange(self) -> str:
        return own_exchange(self.name)

    def takes(self, type_: str) -> bool:
        """Whether the exchange routes events of this type here."""
        return any(type_.startswith(binding.removesuffix("#")) for binding in self.bindings)


SERVICE_QUEUES: Mapping[str, ServiceQueue] = MappingProxyType(
    {
        queue.service: queue
        for queue in (
            ServiceQueue("chat", ("groups.#", "notifier.#")),
            ServiceQueue("notifier", ("groups.#", "chat.#")),
        )
    }
)


def own_exchange(queue: str) -> str:
    """Where the service of `queue` puts events into its two queues.

    The default exchange would let it put them into everybody's, whatever it says they are: the
    broker knows no right to write to one queue.
    """
    return f"{queue.partition('.')[0]}.own"


def live_queue(replica: str) -> str:
    """The transient queue by which one replica hears what the others persisted."""
    return f"notifier.live.{replica}"


def service_queue_arguments(queue: ServiceQueue) -> dict[str, FieldValue]:
    return {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue.parked,
        # At-least-once dead-lettering is refused without reject-publish.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


PARKED_ARGUMENTS: Mapping[str, FieldValue] = MappingProxyType({"x-queue-type": "quorum"})
LOG_ARGUMENTS: Mapping[str, FieldValue] = MappingProxyType(
    {
        "x-queue-type": "stream",
        "x-max-age": LOG_MAX_AGE,
        "x-max-length-bytes": LOG_MAX_BYTES,
        "x-stream-max-segment-size-bytes": LOG_SEGMENT_BYTES,
    }
)

# What there is, all of it durable: exchanges and their types; queues and their arguments; and which
# keys an exchange routes to which queue. `shared.rabbitmq.differences` compares a broker with it.
# The live exchange outlives a restart; what passes through it is transient.
EXCHANGES: Mapping[str, str] = MappingProxyType(
    {
        EVENTS_EXCHANGE: "topic",
        LIVE_EXCHANGE: "fanout",
        **{queue.own_exchange: "direct" for queue in SERVICE_QUEUES.values()},
    }
)
QUEUES: Mapping[str, Mapping[str, FieldValue]] = MappingProxyType(
    {
        EVENTS_LOG: LOG_ARGUMENTS,
        **{queue.parked: PARKED_ARGUMENTS for queue in SERVICE_QUEUES.values()},
        **{queue.name: service_queue_arguments(queue) for queue in SERVICE_QUEUES.values()},
    }
)


class Binding(NamedTuple):
    exchange: str
    queue: str
    key: str


BINDINGS: tuple[Binding, ...] = (
    *(
        Binding(queue.own_exchange, name, name)
        for queue in SERVICE_QUEUES.values()
        for name in (queue.parked, queue.name)
    ),
    *(
        Binding(EVENTS_EXCHANGE, queue.name, key)
        for queue in SERVICE_QUEUES.values()
        for key in queue.bindings
    ),
    # Last: what the log takes counts as delivered, though no service's queue has it.
    Binding(EVENTS_EXCHANGE, EVENTS_LOG, "#"),
)

# Looking at parked events returns them, and a broker counts that as a failed delivery: 4.x would
# drop them after 20 looks. A policy and no argument, so that it also reaches queues that exist.
PARKED_POLICY_NAME = "circles-parked"
PARKED_POLICY: Mapping[str, object] = MappingProxyType(
    {
        "pattern": r"^[a-z]+\.events\.parked$",
        "apply-to": "queues",
        "definition": {"delivery-limit": 1_000_000_000},
    }
)


class TopologyRefused(Exception):
    """The broker is away, or something exists with other arguments; the message is its own."""


async def declare_topology(amqp_url: str) -> None:
    """Declare exchanges, queues and bindings; safe to repeat. Raises TopologyRefused.

    A broker that has just started accepts connections before its streams and quorum queues have
    elected leaders, and calls them missing: that is waited for.
    """
    for waited in range(ELECTION_SECONDS + 1):
        try:
            await _declare(amqp_url)
            return
        except aiormq.exceptions.ChannelNotFoundEntity as error:
            if waited == ELECTION_SECONDS:
                raise TopologyRefused(str(error)) from error
        except BROKER_FAILURES as error:
            raise TopologyRefused(words_of(error)) from error
        await asyncio.sleep(1)


async def _declare(amqp_url: str) -> None:
    async with connected(amqp_url, "topology", PATIENCE_SECONDS) as connection:
        channel = await connection.channel()
        for name, type_ in EXCHANGES.items():
            await channel.declare_exchange(name, type_, durable=True)
        queues = {
            name: await channel.declare_queue(name, durable=True, arguments=dict(arguments))
            for name, arguments in QUEUES.items()
        }
        for exchange, queue, key in BINDINGS:
            await queues[queue].bind(exchange, key)


@dataclass(frozen=True)
class Permissions:
    """Regular expressions over names: what a user may declare, publish to and consume from; and
    over routing keys: what it may publish to the events exchange."""

    configure: str
    write: str
    read: str
    publish_keys: str


def _permissions(service: str, live: bool) -> Permissions:
    names = {"configure": [], "write": [r"circles\.events"], "read": []}
    if service in SERVICE_QUEUES:
        # Parking, and giving back what was parked. The version before does so by the default
        # exchange, runs on after the jobs, and may come back: its right to that goes in 0.2.0.
        names["write"] += [rf"{service}\.own", r"amq\.default"]
        # Its operators list what it parked, and replay from the log what it may hear anyway.
        names["read"] += [rf"{service}\.events(\.parked)?", r"circles\.events\.log"]
    if live:
        for verb in names:
            names[verb] += [rf"{service}\.live\..*"]
        names["write"] += [r"circles\.live"]
        names["read"] += [r"circles\.live"]
    patterns = {verb: f"^({'|'.join(parts)})$" for verb, parts in names.items()}
    return Permissions(**patterns, publish_keys=rf"^{service}\..*")


# Of those who attach to the log from outside: they take nothing out of it, and add nothing.
READER = Permissions(configure="^$", write="^$", read=r"^circles\.events\.log$", publish_keys="^$")

PERMISSIONS: Mapping[str, Permissions] = MappingProxyType(
    {
        "groups": _permissions("groups", live=False),
        "chat": _permissions("chat", live=False),
        "notifier": _permissions("notifier", live=True),
    }
)

"""Bindings that are gone: the broker takes an event, and no queue gets it."""

import aio_pika

from launcher.errors import LaunchError
from shared.rabbitmq.topology import (
    EVENTS_EXCHANGE,
    EVENTS_LOG,
    SERVICE_QUEUES,
    TopologyRefused,
    declare_topology,
)
from tests.faults.scene import Bite, Scene

LOST_SECONDS = 3.0
# The log first, as the topology job binds it last: what it alone takes counts as delivered.
# What groups tells goes to two queues, which can't be bound at one instant: it stays.
_LOST = (
    (EVENTS_LOG, "#"),
    (SERVICE_QUEUES["notifier"].name, "chat.#"),
    (SERVICE_QUEUES["chat"].name, "notifier.#"),
)


async def lose_routes(scene: Scene) -> Bite:
    """Facts of chat and notifier lead nowhere, until the topology job runs again. The log must be
    unbound as well: as long as it takes an event, the broker calls the event delivered."""
    servers = scene.stack.servers
    scene.timeline.strike()
    async with await aio_pika.connect(servers.admin_amqp_url, timeout=10) as connection:
        channel = await connection.channel()
        for name, key in _LOST:
            queue = await channel.get_queue(name, ensure=False)
            await queue.unbind(EVENTS_EXCHANGE, key)
    accepted = scene.accepted
    await scene.goes_on(LOST_SECONDS)
    accepted = scene.accepted - accepted
    try:
        await declare_topology(servers.admin_amqp_url)
    except TopologyRefused as error:
        raise LaunchError(f"the topology job failed: {error}") from error
    scene.timeline.lift()
    return {"bindings lost": len(_LOST), "messages accepted meanwhile": accepted}

"""Events that come when and how they should not: again, in disorder, and poisonous."""

import json
import random
from collections.abc import Sequence
from uuid import UUID, uuid4

import aio_pika

from shared.rabbitmq.topology import EVENTS_EXCHANGE
from tests.faults.scene import Bite, Scene
from tests.faults.servers import Servers

COPIES = 2
_PUBLISHED = """
SELECT type, body FROM outbox
WHERE subject = ANY($1::uuid[]) AND published_at < now() - interval '1 second'
"""
_ANY_MESSAGE = """
SELECT body FROM outbox WHERE subject = $1::uuid AND type = 'chat.message.sent.v1'
  AND convert_from(body, 'UTF8')::jsonb #> '{data,audience}' <> '[]' LIMIT 1
"""
# Routing keys that only the notifier is bound to, and that chat is bound to as well.
_POISON = (
    ("chat.message.sent.v1", b"\x00\xff not JSON"),
    ("chat.message.sent.v1", b'{"specversion":"1.0","type":"chat.message.sent.v1","data":{}}'),
    ("chat.message.boiled.v9", b'{"specversion":"1.0","type":"chat.message.boiled.v9"}'),
    ("groups.group.created.v1", b"[" * 5000),
)


async def _unstorable(scene: Scene) -> bytes:
    """An event that keeps its contract, and that no database holds: a seq beyond 64 bits."""
    async with scene.stack.servers.connected("chat") as connection:
        body = await connection.fetchval(_ANY_MESSAGE, scene.traffic.groups[0].id)
    event = json.loads(body)
    event["id"] = str(uuid4())
    event["data"]["message"]["seq"] = 10**30
    return json.dumps(event).encode()


async def inject(scene: Scene) -> Bite:
    """Everything published so far comes again, shuffled, with poison among it."""
    events: list[tuple[str, bytes]] = []
    groups = [UUID(group.id) for group in scene.traffic.groups]
    for service in ("groups", "chat"):
        async with scene.stack.servers.connected(service) as connection:
            rows = await connection.fetch(_PUBLISHED, groups)
            events += [(row["type"], bytes(row["body"])) for row in rows] * COPIES
    copies = len(events)
    poison = (*_POISON, ("chat.message.sent.v1", await _unstorable(scene)))
    events += poison
    random.shuffle(events)
    scene.timeline.strike()
    await _publish(scene.stack.servers, events)
    for key, _ in poison:
        scene.poison["notifier"] += 1
        scene.poison["chat"] += key.startswith("groups.")
    return {"copies injected": copies, "poison injected": len(poison)}


async def _publish(servers: Servers, events: Sequence[tuple[str, bytes]]) -> None:
    async with await aio_pika.connect(servers.admin_amqp_url, timeout=10) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(EVENTS_EXCHANGE, ensure=False)
        for key, body in events:
            message = aio_pika.Message(
                body, message_id=str(uuid4()), delivery_mode=aio_pika.DeliveryMode.PERSISTENT
            )
            await exchange.publish(message, key)

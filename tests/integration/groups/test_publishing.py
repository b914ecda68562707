"""Facts on their way to the broker."""

import aio_pika
from aiohttp.test_utils import TestClient, TestServer

from services.groups.app import create_app
from services.groups.settings import Settings
from shared.events.envelope import CONTENT_TYPE, decode
from shared.events.groups import GroupCreated, MemberAdded
from shared.postgres.pool import OwnConnection
from shared.rabbitmq.topology import SERVICE_QUEUES
from tests.fixtures.people import Person
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.waiting import eventually
from tests.integration.groups.conftest import Client, Facts
from tests.integration.groups.helpers import a_group


async def waiting(broker: Broker, queue: str) -> int:
    """How many messages wait in `queue`."""
    async with await aio_pika.connect(broker.admin_url) as connection:
        channel = await connection.channel()
        declared = await channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0


async def test_what_is_recorded_reaches_whoever_is_bound(
    alice: Person, broker: Broker, facts: Facts
) -> None:
    async with broker.tapped("groups.#") as tap:
        group = await a_group(alice, "bob")
        message = await tap.next_message()
    event = decode(message.body)
    [recorded] = await facts()
    assert event == recorded
    assert isinstance(event.fact, GroupCreated)
    assert str(event.fact.group.id) == group["id"]
    assert (message.routing_key, message.type) == ("groups.group.created.v1",) * 2
    assert message.message_id == str(event.id)
    assert message.content_type == CONTENT_TYPE
    assert message.delivery_mode == 2, "a transient message is gone after a broker restart"


async def test_facts_of_a_group_arrive_in_the_order_they_happened(
    alice: Person, broker: Broker
) -> None:
    async with broker.tapped("groups.member.added.v1") as tap:
        group = await a_group(alice)
        for number in range(20):
            ids = {"memberIds": [f"user-{number}"]}
            await alice.post(f"/v1/groups/{group['id']}/members", ids)
        versions = []
        for _ in range(20):
            fact = (await tap.next()).fact
            assert isinstance(fact, MemberAdded)
            versions.append(fact.group.version)
    assert versions == list(range(2, 22))


async def test_a_fact_is_marked_once_the_broker_has_it(
    alice: Person, database: OwnConnection
) -> None:
    await a_group(alice, "bob")

    async def all_marked() -> bool:
        unmarked = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        return int(await database.fetchval(unmarked)) == 0

    await eventually(all_marked)


async def test_the_other_services_queues_take_every_fact(alice: Person, broker: Broker) -> None:
    group = await a_group(alice, "bob")
    await alice.delete(f"/v1/groups/{group['id']}")
    for service in SERVICE_QUEUES:

        async def both_waiting(service: str = service) -> bool:
            return await waiting(broker, SERVICE_QUEUES[service].name) == 2

        await eventually(both_waiting)


async def test_the_service_is_ready_once_it_can_publish(client: Client) -> None:
    async def ready() -> bool:
        async with client.get("/readyz") as response:
            return response.status == 200

    await eventually(ready)


async def test_changes_go_on_while_the_broker_is_away(settings: Settings) -> None:
    # Nobody listens on port 1.
    cut_off = settings.model_copy(update={"amqp_url": "amqp://groups:x@127.0.0.1:1/"})
    async with TestClient(TestServer(create_app(cut_off))) as client:
        await a_group(Person(client, "alice"), "bob")

        async def reported() -> bool:
            async with client.get("/readyz") as response:
                return response.status == 503 and "relay" in await response.text()

        await eventually(reported)

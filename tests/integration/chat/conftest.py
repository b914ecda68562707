"""Chat and groups side by side, each on its own database and with its own broker user."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.chat.app import create_app
from services.chat.settings import Settings
from services.groups.app import create_app as create_groups
from services.groups.settings import Settings as GroupsSettings
from shared.events.envelope import Event, decode, encode, new_event
from shared.events.fact import Fact
from shared.events.notifier import Delivery, NotificationDelivered
from shared.postgres.pool import OwnConnection
from shared.rabbitmq.publisher import Outgoing, Publisher
from tests.fixtures.people import Answer, Person
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.services import Environment
from tests.fixtures.waiting import eventually

Client = TestClient[Any, Any]
Message = dict[str, Any]


class Member(Person):
    """Somebody who calls chat; `groups` is the same person calling groups."""

    def __init__(self, chat: Client, groups: Client, user_id: str, name: str | None) -> None:
        super().__init__(chat, user_id, name)
        self.groups = Person(groups, user_id, name)

    async def creates_group(self, *others: "Member | str", **more: object) -> str:
        """A group of this person's, with `others` in it; gives its id."""
        ids = [other if isinstance(other, str) else other.id for other in others]
        answer = await self.groups.post("/v1/groups", {"name": "Hikers", "memberIds": ids, **more})
        assert answer.status == 201, answer.body
        return str(answer.body["id"])

    async def opens_dm(self, other: "Member") -> str:
        answer = await self.groups.post("/v1/groups/dm", {"recipientId": other.id})
        return str(answer.body["id"])

    async def adds(self, group_id: str, *others: "Member") -> None:
        ids = [other.id for other in others]
        answer = await self.groups.post(f"/v1/groups/{group_id}/members", {"memberIds": ids})
        assert answer.status == 200, answer.body

    async def removes(self, group_id: str, other: "Member") -> None:
        answer = await self.groups.delete(f"/v1/groups/{group_id}/members/{other.id}")
        assert answer.status == 200, answer.body

    async def sends(self, group_id: str, content: str = "hello", **more: object) -> Message:
        """A message, sent; anything but success fails the test."""
        answer = await self.try_to_send(group_id, content, **more)
        assert answer.status in (200, 201), answer.body
        message: Message = answer.body
        return message

    async def try_to_send(self, group_id: str, content: str = "hello", **more: object) -> Answer:
        return await self.post(f"/v1/groups/{group_id}/messages", {"content": content, **more})

    async def reads(self, message: Message) -> int:
        answer = await self.post(f"/v1/messages/{message['id']}/read")
        assert answer.status == 200, answer.body
        return int(answer.body["readSeq"])

    async def history(self, group_id: str, query: str = "limit=100") -> list[Message]:
        answer = await self.get(f"/v1/groups/{group_id}/messages?{query}")
        assert answer.status == 200, answer.body
        messages: list[Message] = answer.body["messages"]
        return messages

    async def status_of(self, message: Message) -> dict[str, Any]:
        answer = await self.get(f"/v1/messages/{message['id']}/status")
        assert answer.status == 200, answer.body
        status: dict[str, Any] = answer.body
        return status

    async def conversation(self, group_id: str) -> dict[str, Any]:
        answer = await self.get("/v1/conversations?limit=100")
        [found] = [c for c in answer.body["conversations"] if c["group"]["id"] == group_id]
        conversation: dict[str, Any] = found
        return conversation


@dataclass(frozen=True)
class Facts:
    """What chat has recorded to be published."""

    database: OwnConnection

    async def of(self, *types: type[Fact]) -> list[Any]:
        """The facts of these types, oldest first."""
        return [event.fact for event in await self.events() if isinstance(event.fact, types)]

    async def events(self) -> list[Event]:
        rows = await self.database.fetch("SELECT body FROM outbox ORDER BY id")
        return [decode(row["body"]) for row in rows]

    async def recorded_at(self, type_: type[Fact]) -> list[datetime]:
        """When the transactions began that recorded the facts of this type, by the database."""
        rows = await self.database.fetch("SELECT body, created_at FROM outbox ORDER BY id")
        return [row["created_at"] for row in rows if isinstance(decode(row["body"]).fact, type_)]

    async def eventually(self, count: int, *types: type[Fact]) -> list[Any]:
        """The facts of these types once there are `count` of them."""

        async def enough() -> bool:
            return len(await self.of(*types)) >= count

        await eventually(enough)
        return await self.of(*types)


@dataclass(frozen=True)
class World:
    """The two services, and those who publish to them."""

    chat: Client
    groups: Client
    broker: Broker
    database: OwnConnection
    groups_database: OwnConnection

    @property
    def facts(self) -> Facts:
        return Facts(self.database)

    def person(self, user_id: str, name: str | None = None) -> Member:
        return Member(self.chat, self.groups, user_id, name)

    async def publish(self, service: str, *events: Event) -> None:
        """Publish events as `service` does."""
        async with Publisher(self.broker.url_of(service), "test").opened() as publish:
            outgoing = [Outgoing(event.id, event.type, encode(event)) for event in events]
            assert all(await publish(outgoing))

    async def deliver(self, group_id: str, up_to_seq: int, *people: Person | str) -> None:
        """Tell chat, as the notifier does, that these people have received the messages."""
        deliveries = tuple(
            Delivery(
                user_id=who if isinstance(who, str) else who.id,
                group_id=UUID(group_id),
                up_to_seq=up_to_seq,
            )
            for who in people
        )
        await self.publish("notifier", new_event(NotificationDelivered(deliveries=deliveries)))

    async def handled(self) -> None:
        """Return once chat has handled everything that has happened so far."""

        async def published() -> bool:
            return not await self.groups_database.fetchval(
                "SELECT count(*) FROM outbox WHERE published_at IS NULL"
            )

        await eventually(published)
        marker = UUID("00000000-0000-7000-8000-000000000000")
        # The queue is handled in order: what this one does shows that all before it is done.
        await self.database.execute(
            """INSERT INTO groups (id, type, description, created_by, only_admins_can_message,
                   only_admins_can_edit_info, max_members, created_at, updated_at,
                   last_activity_at, last_seq)
               VALUES ($1, 'group', '', 'x', false, true, 2, now(), now(), now(), 1000000)
               ON CONFLICT DO NOTHING""",
            marker,
        )
        await self.database.execute(
            "INSERT INTO watermarks (group_id, user_id) VALUES ($1, 'x') ON CONFLICT DO NOTHING",
            marker,
        )
        mark = 1 + await self.database.fetchval(
            "SELECT delivered_seq FROM watermarks WHERE group_id = $1", marker
        )
        await self.deliver(str(marker), mark, "x")

        async def reached() -> bool:
            now = await self.database.fetchval(
                "SELECT delivered_seq FROM watermarks WHERE group_id = $1", marker
            )
            return bool(now >= mark)

        await eventually(reached)


@pytest.fixture
async def groups_environment(service_environment: Environment) -> dict[str, str]:
    return await service_environment("groups")


@pytest.fixture
async def groups_client(groups_environment: Mapping[str, str]) -> AsyncIterator[Client]:
    settings = GroupsSettings.model_validate(groups_environment)
    async with TestClient(TestServer(create_groups(settings))) as client:
        yield client


@pytest.fixture
async def chat_environment(
    service_environment: Environment, groups_client: Client
) -> dict[str, str]:
    """Chat's settings; the limits are out of the way."""
    return {
        **await service_environment("chat"),
        "groups_url": str(groups_client.make_url("/")),
        "rate_messages_burst": "100000",
    }


@pytest.fixture
async def world(
    chat_environment: Mapping[str, str],
    groups_environment: Mapping[str, str],
    groups_client: Client,
    broker: Broker,
) -> AsyncIterator[World]:
    async with (
        started_chat(chat_environment) as chat,
        connected(chat_environment) as database,
        connected(groups_environment) as groups_database,
    ):
        yield World(chat, groups_client, broker, database, groups_database)


@asynccontextmanager
async def started_chat(environment: Mapping[str, str]) -> AsyncIterator[Client]:
    """A replica of chat."""
    app: web.Application = create_app(Settings.model_validate(environment))
    async with TestClient(TestServer(app)) as client:
        yield client


@asynccontextmanager
async def connected(environment: Mapping[str, str]) -> AsyncIterator[OwnConnection]:
    """What chat wrote, seen with its own rights."""
    connection = await asyncpg.connect(environment["database_url"])
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
def alice(world: World) -> Member:
    return world.person("alice", "Alice")


@pytest.fixture
def bob(world: World) -> Member:
    return world.person("bob", "Bob")


@pytest.fixture
def carol(world: World) -> Member:
    return world.person("carol", "Carol")


@pytest.fixture
def facts(world: World) -> Facts:
    return world.facts

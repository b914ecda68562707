"""The groups service on a database and a virtual host of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.groups.app import create_app
from services.groups.settings import Settings
from shared.events.envelope import Event, decode
from shared.postgres.pool import OwnConnection
from tests.fixtures.people import Person
from tests.fixtures.services import Environment

Client = TestClient[Any, Any]
Facts = Callable[[], Awaitable[list[Event]]]


@pytest.fixture
async def settings(service_environment: Environment) -> Settings:
    return Settings.model_validate(await service_environment("groups"))


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    async with TestClient(TestServer(create_app(settings))) as client:
        yield client


@pytest.fixture
def person(client: Client) -> Callable[..., Person]:
    """Makes people who call the service."""
    return lambda user_id, name=None: Person(client, user_id, name)


@pytest.fixture
def alice(client: Client) -> Person:
    return Person(client, "alice", "Alice")


@pytest.fixture
def bob(client: Client) -> Person:
    return Person(client, "bob", "Bob")


@pytest.fixture
def carol(client: Client) -> Person:
    return Person(client, "carol", "Carol")


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[OwnConnection]:
    """What the service wrote, seen with its own rights."""
    connection = await asyncpg.connect(str(settings.database_url))
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
def facts(database: OwnConnection) -> Facts:
    """The facts recorded so far, oldest first."""

    async def recorded() -> list[Event]:
        rows = await database.fetch("SELECT body FROM outbox ORDER BY id")
        return [decode(row["body"]) for row in rows]

    return recorded

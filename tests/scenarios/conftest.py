"""Stories of people who use the whole system. All of them share one stack; whoever takes a part of
it down brings it back."""

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import aiohttp
import pytest

from tests.fixtures.stack import Stack
from tests.scenarios.people import User

Newcomer = Callable[..., User]


@pytest.fixture(scope="session")
async def http(stack: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    """Clients, without a limit on how many streams they have open."""
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(stack.url, connector=connector, timeout=timeout) as session:
        yield session


@pytest.fixture
def newcomer(http: aiohttp.ClientSession) -> Newcomer:
    """Makes people whom nobody has heard of yet."""

    def make(name: str) -> User:
        return User(http, f"{name.lower()}-{uuid4().hex[:8]}", name)

    return make


@pytest.fixture
def alice(newcomer: Newcomer) -> User:
    return newcomer("Alice")


@pytest.fixture
def bob(newcomer: Newcomer) -> User:
    return newcomer("Bob")


@pytest.fixture
def carol(newcomer: Newcomer) -> User:
    return newcomer("Carol")

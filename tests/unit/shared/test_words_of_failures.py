"""A failure that says nothing itself is still named: an operator is never told an empty reason."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from launcher import administrator
from launcher.administrator import execute_as_administrator
from launcher.errors import LaunchError
from shared.errors import words_of
from shared.operations import doors
from shared.operations.doors import NoAnswer, ask
from shared.rabbitmq import connection
from shared.rabbitmq.parked import ParkedUnreadable, opened_parked
from shared.rabbitmq.replay import LogUnreadable, opened_log
from shared.rabbitmq.topology import SERVICE_QUEUES
from tests.fixtures.tokens import SERVICE_SECRET

SECONDS = 0.05


@pytest.fixture
async def silent(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Where somebody takes connections and never says a word; nobody waits long for it."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", SECONDS)
    monkeypatch.setattr(doors, "ANSWER_SECONDS", SECONDS)
    monkeypatch.setattr(administrator, "CONNECT_SECONDS", SECONDS)
    held: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"user:password@{host}:{port}"
    for writer in held:
        writer.close()
    server.close()
    # The broker's driver closes a connection that was given up when it is collected, which takes a
    # loop: here, and not whenever some other test is at work.
    gc.collect()
    await asyncio.sleep(0)


async def _look_at_parked(where: str) -> None:
    async with opened_parked(f"amqp://{where}/", SERVICE_QUEUES["chat"]):
        pass


async def _look_at_log(where: str) -> None:
    async with opened_log(f"amqp://{where}/", "a test"):
        pass


async def _ask(where: str) -> None:
    await ask(f"http://{where.partition('@')[2]}", SERVICE_SECRET, "GET", "/")


async def _drop(where: str) -> None:
    await execute_as_administrator(f"postgresql://{where}/postgres", "SELECT", "Not dropped")


@pytest.mark.parametrize(
    ("work", "failure"),
    [
        (_look_at_parked, ParkedUnreadable),
        (_look_at_log, LogUnreadable),
        (_ask, NoAnswer),
        (_drop, LaunchError),
    ],
)
async def test_silence_is_called_a_time_out(
    silent: str, work: Callable[[str], Awaitable[None]], failure: type[Exception]
) -> None:
    with pytest.raises(failure, match="TimeoutError"):
        await work(silent)


def test_what_a_failure_says_is_left_as_it_is() -> None:
    assert words_of(ValueError("no such thing")) == "no such thing"
    assert words_of(ConnectionResetError()) == "ConnectionResetError"

"""One way to follow a mailbox, by stream or by polls: what a client is promised holds for both."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from tests.integration.notifier.people import Notification, Reader, Stream


class Following(Protocol):
    """A client that follows its mailbox."""

    async def take(self, count: int) -> list[Notification]:
        """The next `count` notifications."""

    async def reset(self) -> dict[str, Any]:
        """What it is told when it must reload."""

    @property
    def cursor(self) -> str:
        """What it would resume with."""


class ByStream:
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def take(self, count: int) -> list[Notification]:
        return await self._stream.take(count)

    async def reset(self) -> dict[str, Any]:
        event = await self._stream.next()
        assert event.name == "reset"
        assert event.last_event_id == event.json["cursor"]
        found: dict[str, Any] = event.json
        return found

    @property
    def cursor(self) -> str:
        return self._stream.cursor


class ByPolls:
    def __init__(self, reader: Reader, cursor: str | None, query: dict[str, str]) -> None:
        self._reader = reader
        self._query = query
        self._after = cursor
        self._waiting: list[Notification] = []

    async def _poll(self) -> dict[str, Any]:
        answer = await self._reader.poll(self._after, timeout=10, **self._query)
        assert answer.status == 200, answer
        self._after = answer.body["cursor"]
        body: dict[str, Any] = answer.body
        return body

    async def take(self, count: int) -> list[Notification]:
        while len(self._waiting) < count:
            body = await self._poll()
            assert "reset" not in body, body
            self._waiting += body["notifications"]
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    async def reset(self) -> dict[str, Any]:
        body = await self._poll()
        assert body["notifications"] == []
        assert body["cursor"] == body["reset"]["cursor"]
        found: dict[str, Any] = body["reset"]
        return found

    @property
    def cursor(self) -> str:
        if self._waiting:
            epoch = (self._after or "").partition("-")[0]
            return f"{epoch}-{int(self._waiting[0]['id']) - 1}"
        return self._after or ""


Follow = Callable[..., AbstractAsyncContextManager[Following]]


@asynccontextmanager
async def by_stream(
    reader: Reader, cursor: str | None = None, **query: str
) -> AsyncIterator[Following]:
    async with reader.listening(cursor, **query) as stream:
        yield ByStream(stream)


@asynccontextmanager
async def by_polls(
    reader: Reader, cursor: str | None = None, **query: str
) -> AsyncIterator[Following]:
    yield ByPolls(reader, cursor, query)

"""People who read their notifications: over a stream, by polling, in the inbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientPayloadError, ClientResponse

from tests.fixtures.event_stream import EventStreamReader, StreamEvent
from tests.fixtures.people import Answer, Person

Notification = dict[str, Any]

# Nothing here takes longer unless it is broken.
PATIENCE = 10.0


class Stream:
    """An open stream, read as an EventSource would."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response
        self._reader = EventStreamReader()
        self._arrived: list[StreamEvent] = []
        self.cursor = ""
        """What an EventSource would reconnect with."""

    @property
    def retry(self) -> int | None:
        return self._reader.retry

    async def next(self) -> StreamEvent:
        """The next event. Raises EOFError at the stream's end."""
        async with asyncio.timeout(PATIENCE):
            while not self._arrived:
                chunk = await self.response.content.readany()
                if not chunk:
                    raise EOFError("the stream ended")
                self._arrived += self._reader.feed(chunk)
        event = self._arrived.pop(0)
        self.cursor = event.last_event_id
        return event

    async def named(self, name: str) -> StreamEvent:
        """The next event of this name; others before it are skipped."""
        while (event := await self.next()).name != name:
            pass
        return event

    async def take(self, count: int) -> list[Notification]:
        """The next notifications, with nothing but heartbeats between them."""
        taken: list[Notification] = []
        while len(taken) < count:
            event = await self.next()
            assert event.name in ("notification", "heartbeat"), event
            if event.name == "notification":
                taken.append(event.json)
        return taken

    async def rest(self) -> list[StreamEvent]:
        """Everything up to the stream's end, heartbeats aside."""
        events = []
        try:
            while True:
                events.append(await self.next())
        except (EOFError, ClientPayloadError):
            return [event for event in events if event.name != "heartbeat"]


class Reader(Person):
    """Somebody with a mailbox."""

    @asynccontextmanager
    async def stream(self, cursor: str | None = None, **query: str) -> AsyncIterator[Stream]:
        """An open stream, its `connected` yet to be read."""
        sent = dict(self.headers)
        if cursor is not None:
            sent["Last-Event-ID"] = cursor
        async with self._client.get("/v1/sse/stream", headers=sent, params=query) as response:
            assert response.status == 200, await response.text()
            yield Stream(response)

    @asynccontextmanager
    async def listening(self, cursor: str | None = None, **query: str) -> AsyncIterator[Stream]:
        """An open stream, once it has said `connected`."""
        async with self.stream(cursor, **query) as stream:
            assert (await stream.next()).name == "connected"
            yield stream

    async def poll(self, after: str | None = None, timeout: int = 0, **query: str) -> Answer:
        if after is not None:
            query["after"] = after
        params: dict[str, str] = {"timeout": str(timeout), **query}
        return await self.call("GET", "/v1/sse/poll", params=params)

    async def inbox(self, **query: str) -> list[Notification]:
        answer = await self.call("GET", "/v1/notifications", params=query)
        assert answer.status == 200, answer
        notifications: list[Notification] = answer.body["notifications"]
        return notifications

    async def unread(self) -> int:
        return int((await self.get("/v1/notifications/unread-count")).body["count"])

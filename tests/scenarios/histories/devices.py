"""Devices as good clients: they load the inbox, follow from there, and keep their place."""

from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack

from tests.fixtures.sse import Broken, Stream
from tests.scenarios.people import Json, User


class Device:
    """`loaded` is the inbox as it was when the device last loaded it, `received` what has come
    since, on however many streams and polls. What the owner deletes is in `deleted`."""

    def __init__(self, user: User, deleted: AbstractSet[int]) -> None:
        self._user = user
        self._deleted = deleted
        self._stream: Stream | None = None
        self._open = AsyncExitStack()
        self._cursor: str | None = None
        self._received: list[Json] = []
        self.loaded: dict[int, Json] = {}

    @property
    def is_used(self) -> bool:
        return self._cursor is not None

    @property
    def received(self) -> list[Json]:
        if self._stream is None:
            return self._received
        self._stream.check()
        return self._received + self._stream.notifications

    @property
    def inbox(self) -> dict[int, Json]:
        """What the device would show, but for what its owner did to it."""
        return self.loaded | {int(each["id"]): each for each in self.received}

    async def load(self) -> None:
        """Begin anew with what is there."""
        await self.disconnect()
        self.loaded = {int(each["id"]): each for each in await self._user.whole_inbox()}
        self._received = []
        self._cursor = str(max(self.loaded, default=0))

    async def connect(self, replica: str) -> None:
        """`replica` is a URL; an empty one means through the gateway."""
        await self.disconnect()
        stream = self._user.stream(self._cursor, replica, self._deleted)
        self._stream = await self._open.enter_async_context(stream)
        self._cursor = self._stream.connected["cursor"]

    async def close(self) -> None:
        await self._open.aclose()

    async def disconnect(self) -> None:
        if self._stream is None:
            return
        await self.close()
        self._received = self.received
        self._cursor = self._stream.cursor
        self._stream = None
        self.check()

    async def poll(self) -> None:
        await self.disconnect()
        poller = self._user.poller(self._cursor, self._deleted)
        answer = await poller.ask()
        assert "reset" not in answer, answer
        self._received += poller.notifications
        self._cursor = poller.cursor
        self.check()

    def check(self) -> None:
        """Across all streams and polls: everything once and in order. Raises Broken."""
        last, events, seqs = max(self.loaded, default=0), set[str](), dict[str, int]()
        for each in self.received:
            position, data = int(each["id"]), each["data"]
            if position <= last:
                raise Broken(f"entry {position} came after {last}")
            if each["eventId"] in events:
                raise Broken(f"entry {position} tells of an event told before")
            if each["type"] == "message.new":
                if data["seq"] <= seqs.get(data["groupId"], 0):
                    raise Broken(f"message {data['seq']} came after {seqs[data['groupId']]}")
                seqs[data["groupId"]] = data["seq"]
            last = position
            events.add(each["eventId"])

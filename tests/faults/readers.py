"""Readers: streams and long polls that come back with their cursors, and count as they read.

They don't raise: what a reader found wrong is a figure of the scenario, and fails it in the end.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp

from tests.faults.timeline import Timeline
from tests.fixtures.event_stream import EventStreamReader
from tests.fixtures.tokens import bearer

# Browsers would wait for seconds, as `retry:` asks; what is measured here is the system.
RECONNECT_SECONDS = (0.1, 0.4)
# Three heartbeats of silence: the link is dead.
SILENCE_SECONDS = 10.0
POLL_SECONDS = 5
# How the timeline calls the end of a stream that came in an orderly way.
READ_ENDED = "read: stream ended"


@dataclass
class Seen:
    """What one reader got. `entries` are (position, event id), in the order in which they came."""

    user_id: str
    cursor: str | None = None
    # Where the first connection began: at 0 for somebody new, unless others read the same mailbox.
    start: int = 0
    shares_mailbox: bool = False
    entries: list[tuple[int, str]] = field(default_factory=list)
    # Positions that a reset told to reload, instead of sending them: after, up to.
    reset_over: list[tuple[int, int]] = field(default_factory=list)
    connections: int = 0
    gaps: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    unexpected: list[str] = field(default_factory=list)

    @property
    def position(self) -> int:
        return int(self.cursor.partition("-")[2]) if self.cursor else 0


class Reader(ABC):
    """Reads the mailbox of `user_id` until cancelled."""

    kind = "reader"
    # Whether a message that comes late to this one says that the system is late.
    is_punctual = True

    def __init__(self, http: aiohttp.ClientSession, user_id: str, timeline: Timeline) -> None:
        self.seen = Seen(user_id)
        self.connected = asyncio.Event()
        self.headers = bearer(user_id)
        self._http = http
        self._timeline = timeline
        self._seqs: dict[str, int] = {}

    async def run(self) -> None:
        while True:
            try:
                await self.connect()
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                self._timeline.failed(f"read: {type(error).__name__}")
            await asyncio.sleep(random.uniform(*RECONNECT_SECONDS))

    @abstractmethod
    async def connect(self) -> None:
        """One connection, until it ends."""

    def take(self, notification: Any, cursor: str) -> None:
        """Check and note one entry; `cursor` is the one behind it."""
        seen, position = self.seen, int(notification["id"])
        if position <= seen.position:
            seen.duplicated += 1
        elif position != seen.position + 1:
            seen.gaps += 1
        seen.cursor = cursor
        seen.entries.append((position, notification["eventId"]))
        if notification["type"] == "message.new":
            self._take_message(notification["data"])

    def reset(self, told: Any, cursor: str) -> None:
        before, self.seen.cursor = self.seen.position, cursor
        self.seen.reset_over.append((before, self.seen.position))

    def _take_message(self, data: Any) -> None:
        if data["seq"] <= self._seqs.get(data["groupId"], 0):
            self.seen.out_of_order += 1
        self._seqs[data["groupId"]] = data["seq"]
        due = data["content"].partition(" ")[0]
        if self.is_punctual and due.replace(".", "").isdigit():
            self._timeline.frame(float(due), self.kind)


class StreamReader(Reader):
    """An EventSource, less its manners: it comes back sooner."""

    kind = "stream"

    async def connect(self) -> None:
        cursor = self.seen.cursor
        resuming = {"Last-Event-ID": cursor} if cursor else {}
        async with self._http.get(
            "/v1/sse/stream",
            headers={**self.headers, **resuming},
            timeout=aiohttp.ClientTimeout(total=None, sock_read=SILENCE_SECONDS),
        ) as response:
            if response.status != HTTPStatus.OK:
                self._timeline.failed(f"read: {response.status}")
                return
            self.seen.connections += 1
            reader = EventStreamReader()
            async for chunk in response.content.iter_any():
                for event in reader.feed(chunk):
                    self._handle(event.name, event.json, event.last_event_id)
        self._timeline.failed(READ_ENDED)

    def _handle(self, name: str, data: Any, event_id: str) -> None:
        if name == "notification":
            self.take(data, event_id)
        elif name == "connected":
            self._begin(event_id)
        elif name == "reset":
            self.reset(data, event_id)
        elif name != "heartbeat":
            self.seen.unexpected.append(name)

    def _begin(self, event_id: str) -> None:
        """The first stream says where it starts; later ones start where we asked, or reset."""
        if self.seen.cursor is None:
            self.seen.cursor = event_id
            self.seen.start = self.seen.position
        self.connected.set()


class PollReader(Reader):
    """A client behind a proxy that lets no stream through."""

    kind = "poll"

    async def connect(self) -> None:
        after = {"after": self.seen.cursor} if self.seen.cursor else {}
        hold = POLL_SECONDS if self.connected.is_set() else 0
        async with self._http.get(
            "/v1/sse/poll",
            headers=self.headers,
            params={"timeout": str(hold), **after},
            timeout=aiohttp.ClientTimeout(total=hold + SILENCE_SECONDS),
        ) as response:
            answer = await response.json(content_type=None)
        if response.status != HTTPStatus.OK:
            self._timeline.failed(f"read: {response.status}")
            return
        self.seen.connections += 1
        epoch = answer["cursor"].partition("-")[0]
        for notification in answer["notifications"]:
            self.take(notification, f"{epoch}-{notification['id']}")
        if "reset" in answer:
            self.reset(answer["reset"], answer["cursor"])
        elif answer["notifications"] and self.seen.cursor != answer["cursor"]:
            self.seen.unexpected.append(f"cursor {answer['cursor']} after {self.seen.cursor}")
        self.seen.cursor = answer["cursor"]
        self.connected.set()


async def all_connected(readers: Sequence[Reader], seconds: float = 30.0) -> None:
    """Return once each has been let in for the first time. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        await asyncio.gather(*(reader.connected.wait() for reader in readers))

"""Streams on sockets that are played, so that a test decides what a client takes."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from services.notifier.domain import MessagePosition
from services.notifier.storage.entries import Recipient
from services.notifier.streams.connection import Connection
from services.notifier.streams.follower import Follower
from services.notifier.streams.hub import Hub, Push
from shared.ids import uuid7
from tests.fixtures.event_stream import EventStreamReader

GROUP = uuid7()
BODY = b'"type":"message.new"}'


class Transport:
    """A socket that takes everything at once, until it is told to hold it back."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.holds = False
        self.aborted = False

    def write(self, payload: bytes) -> None:
        self.writes.append(payload)

    def get_write_buffer_size(self) -> int:
        return 1 if self.holds else 0

    def is_closing(self) -> bool:
        return self.aborted

    def get_extra_info(self, _: str) -> None:
        """There is no socket: everything goes through `write`."""

    def abort(self) -> None:
        self.aborted = True


class Stream(Connection):
    """A connection on such a socket, and what was noted as written."""

    def __init__(self, user_id: str = "bob", *, max_frames: int = 256) -> None:
        self.noted: list[tuple[int, list[int]]] = []
        self.socket = Transport()
        super().__init__(
            user_id, 1, self._note, expires_at=0.0, max_frames=max_frames, max_seconds=5.0
        )
        self.attach(
            cast(Any, SimpleNamespace(transport=self.socket)),
            cast(Any, SimpleNamespace(chunked=False)),
        )

    def _note(self, _: str, position: int, messages: Sequence[MessagePosition]) -> None:
        self.noted.append((position, [message.seq for message in messages]))

    def go_live(self, position: int = 0) -> "Stream":
        self.begin_reading()
        self.end_reading(position, complete=True)
        assert self.live
        return self

    @property
    def got(self) -> list[str]:
        """What its client read: ids of notifications, names of all else."""
        events = EventStreamReader().feed(b"".join(self.socket.writes))
        return [e.json["id"] if e.name == "notification" else e.name for e in events]


def push(*seqs: int, user_id: str = "bob") -> list[Push]:
    return [
        Push(BODY, MessagePosition(GROUP, seq), (), [Recipient(user_id, seq, False)])
        for seq in seqs
    ]


def registered(hub: Hub, *followers: Follower) -> None:
    for follower in followers:
        hub.register(follower)


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


async def until_flushed(hub: Hub) -> None:
    """What came in the same turn of the loop shares a flush in the next."""
    await asyncio.sleep(0)
    await hub.at_rest()
    await asyncio.sleep(0)

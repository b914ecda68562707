"""Circles as a system under load: groups whose members all read, and who posts to them."""

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench.generator import MARK, Generator, Sender, Stream
from bench.stack import Stack

# Behind the fifty characters of the preview: the mark must come once in a notification.
CONTENT = "All of this is said only to have a certain length. " + MARK
CONNECTIONS = 64


@dataclass(frozen=True)
class Crowd:
    """Groups of one size; `people[g]` are the members of `ids[g]`."""

    ids: Sequence[str]
    people: Sequence[Sequence[str]]

    @property
    def members(self) -> list[str]:
        return [member for members in self.people for member in members]


async def crowd(stack: Stack, groups: int, size: int) -> Crowd:
    """New people in new groups."""
    run = f"{time.time_ns() // 1_000_000:x}"
    people = [[f"b{run}-{g}-{m}" for m in range(size)] for g in range(groups)]
    return Crowd(await stack.groups(people), people)


def stream_request(stack: Stack, user: str, query: str = "", cursor: str = "") -> str:
    last = f"Last-Event-ID: {cursor}\r\n" if cursor else ""
    return (
        f"GET /v1/sse/stream{query} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n"
        f"{last}Authorization: Bearer {stack.token(user)}\r\n\r\n"
    )


def post_request(stack: Stack, user: str, group_id: str) -> str:
    body = json.dumps({"content": CONTENT})
    return (
        f"POST /v1/groups/{group_id}/messages HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {stack.token(user)}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )


def readers(stack: Stack, crowd: Crowd, query: str = "", dead_share: float = 0.0) -> list[Stream]:
    """A stream for every member; of the dead, spread over all, nothing is ever read."""
    every = round(1 / dead_share) if dead_share else 0
    found: list[Stream] = []
    for group, members in enumerate(crowd.people):
        for member in members:
            # The first of each group posts, and stays alive.
            dead = every and len(found) % every == every - 1
            steps = [(stream_request(stack, member, query), "\r\n\r\n")]
            found.append(Stream(stack.port, steps, group, "d" if dead else "-"))
    return found


def posters(stack: Stack, crowd: Crowd, each: int) -> list[Sender]:
    """The first `each` members of every group post, group after group."""
    firsts = [sum(len(p) for p in crowd.people[:g]) for g in range(len(crowd.people))]
    return [
        Sender(post_request(stack, crowd.people[g][m], crowd.ids[g]), g, firsts[g] + m)
        for m in range(each)
        for g in range(len(crowd.ids))
    ]


@dataclass(frozen=True)
class Circles:
    """The system under test. `query` goes to every stream: `?ack=client` turns receipts off. What
    is to be done with the people before they open their streams, `prepare` does."""

    stack: Stack
    query: str = ""
    dead_share: float = 0.0
    name: str = "Circles"
    largest: int = 1000
    pace: float = 1.0
    prepare: Callable[[Crowd], Awaitable[None]] | None = None

    def cpu(self) -> dict[str, float]:
        return self.stack.cpu()

    async def gather(self, generator: Generator, groups: int, size: int) -> None:
        made = await crowd(self.stack, groups, size)
        if self.prepare is not None:
            await self.prepare(made)
        streams = readers(self.stack, made, self.query, self.dead_share)
        # Several of each group where groups are few.
        each = max(1, min(size - 1, 8 // groups))
        await generator.define(streams, posters(self.stack, made, each))
        # A group's messages come in the order of `seq`; positions are checked as well.
        await generator.ask('order "seq":')
        await generator.pool(self.stack.port, CONNECTIONS, 1)
        await generator.open(0, len(streams))
        await self.settled()

    async def settled(self) -> None:
        await self.stack.settled(180.0)

    async def vacuum(self) -> None:
        await self.stack.vacuum()

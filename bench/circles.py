"""Circles as a system under load: groups whose members all read, and who posts to them."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.context import Context
from bench.generator import MARK, Generator, Sender, Stream
from bench.stack import PARTS, Stack

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
    found = []
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


async def gather(
    context: Context, stack: Stack, generator: Generator, crowd: Crowd, query: str = ""
) -> None:
    """Open everybody's stream, and the connections to post by."""
    each = max(1, min(len(crowd.people[0]) - 1, 8 // len(crowd.ids)))
    await generator.define(readers(stack, crowd, query), posters(stack, crowd, each))
    # What a message tells is checked by its seq in the group; the generator checks positions too.
    await generator.ask('order "seq":')
    await generator.pool(stack.port, CONNECTIONS, 1)
    await generator.open(0, len(crowd.members))
    await stack.settled()


def spent(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Seconds of CPU between two looks, by part, and of all."""
    parts = {part: after[part] - before[part] for part in PARTS}
    return {**parts, "all": sum(parts.values())}

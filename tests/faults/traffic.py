"""The people of one scenario: fresh groups, who writes, and who reads in which way."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import aiohttp

from tests.faults.gatherer import Gatherer, GuestReader
from tests.faults.readers import PollReader, Reader, StreamReader, all_connected
from tests.faults.senders import Post, Senders
from tests.faults.timeline import Timeline
from tests.fixtures.people import Person

# Modest: clients, services, servers and gateway share two cores.
MESSAGES_PER_SECOND = 30.0


@dataclass(frozen=True)
class Group:
    """A group of this scenario; `member_ids[0]` made it. Where members change meanwhile, `fixed` is
    false and the audience is that of the events alone."""

    id: str
    member_ids: Sequence[str]
    fixed: bool = True


@dataclass(frozen=True)
class Size:
    """So many groups of so many people, of whom some read by stream and some by poll; the others
    are away. A group writes `share` of every round, each message `filling` characters long."""

    groups: int
    people: int
    streams: int
    polls: int
    share: int
    filling: int = 0


SIZES = (Size(6, 2, 2, 0, 3), Size(2, 20, 12, 3, 3), Size(1, 200, 30, 6, 2))


@dataclass
class Traffic:
    """Running clients; what they saw stands in `senders.sent`, in `readers` and in `timeline`."""

    http: aiohttp.ClientSession
    timeline: Timeline
    groups: list[Group]
    readers: list[Reader]
    senders: Senders
    gatherer: Gatherer
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    writing: list[asyncio.Task[None]] = field(default_factory=list)

    def person(self, user_id: str) -> Person:
        return Person(self.http, user_id)

    @property
    def members(self) -> Mapping[str, Sequence[str]]:
        return {group.id: group.member_ids for group in self.groups if group.fixed}

    async def ends(self) -> None:
        """Nobody begins anything new; returns once every call has its answer, or was given up."""
        self.senders.stop()
        self.gatherer.stopped.set()
        await asyncio.gather(*self.writing)

    async def add(self, *readers: Reader) -> None:
        """More readers, connected when this returns."""
        self.readers += readers
        self.tasks += [asyncio.create_task(reader.run()) for reader in readers]
        await all_connected(readers)


@asynccontextmanager
async def traffic(url: str, sizes: Sequence[Size] = SIZES) -> AsyncIterator[Traffic]:
    """Everybody is connected and writes; at the end of the block all readers leave."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=20)
    async with aiohttp.ClientSession(url, connector=connector) as http:
        timeline = Timeline()
        groups: list[Group] = []
        posts: list[Post] = []
        readers: list[Reader] = []
        for size in sizes:
            for _ in range(size.groups):
                group = await make_group(http, size.people)
                groups.append(group)
                ids = group.member_ids
                posts += [
                    Post(ids[n % len(ids)], group.id, size.filling) for n in range(size.share)
                ]
                streams, polls = ids[: size.streams], ids[-size.polls :] if size.polls else ()
                readers += [StreamReader(http, user_id, timeline) for user_id in streams]
                readers += [PollReader(http, user_id, timeline) for user_id in polls]
        # Neighbours in time write to different groups.
        random.shuffle(posts)
        senders = Senders(http, posts, MESSAGES_PER_SECOND, timeline)
        gatherer = Gatherer(http, timeline)
        readers.append(GuestReader(http, gatherer.guest_id, timeline))
        made = Traffic(http, timeline, groups, [], senders, gatherer)
        try:
            await made.add(*readers)
            timeline.began = asyncio.get_running_loop().time()
            made.writing = [asyncio.create_task(senders.run()), asyncio.create_task(gatherer.run())]
            yield made
        finally:
            for task in (tasks := [*made.tasks, *made.writing]):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def make_group(
    http: aiohttp.ClientSession, people: int, *, fixed: bool = True, name: str = "Faults"
) -> Group:
    """A new group of people whom nobody has heard of. Raises AssertionError when refused."""
    run = uuid4().hex[:8]
    ids = [f"f{run}-{number}" for number in range(people)]
    body = {"name": name, "memberIds": ids[1:]}
    answer = await Person(http, ids[0]).post("/v1/groups", body)
    assert answer.status == 201, (answer.status, answer.body)
    return Group(answer.body["id"], ids, fixed)

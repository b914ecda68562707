"""People who write and gather while something happens to the system, and what must have come of it
in the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from tests.fixtures.people import Answer
from tests.fixtures.sse import Follower
from tests.fixtures.waiting import eventually
from tests.scenarios.people import Json, User

# What is told before something happens, and again after it.
SOME = 5
# So many seconds apart that the machine has time for what happens: floods are for the fault suite.
MESSAGE_PAUSE = 0.05
GROUP_PAUSE = 0.25


@dataclass
class Traffic:
    """What somebody does until it is `over`, what they were promised by a 2xx, and what came where
    nobody answered, or said to try again later."""

    user: User
    group: Json
    guest: User
    contents: list[str] = field(default_factory=list)
    group_ids: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    over: bool = False

    async def writes(self) -> None:
        """Messages, each sent until it is accepted: a client id makes that safe."""
        while not self.over:
            content = f"{self.user.name}-{len(self.contents)}"
            fields = {"clientMessageId": content}
            while not await self._accepted(
                self.user.tries_to_send(self.group, content, **fields), MESSAGE_PAUSE
            ):
                pass
            self.contents.append(content)

    async def gathers(self) -> None:
        """New groups with a guest: what was not answered may exist or not."""
        while not self.over:
            body = {"name": "A new one", "memberIds": [self.guest.id]}
            if made := await self._accepted(self.user.post("/v1/groups", body), GROUP_PAUSE):
                self.group_ids.append(made["id"])

    async def _accepted(self, call: Awaitable[Answer], pause: float) -> Json | None:
        """The answer's body, or None; `pause` seconds later."""
        began = time.monotonic()
        try:
            answer = await call
        except (aiohttp.ClientError, TimeoutError) as error:
            self.refused.append(f"{error!r} after {time.monotonic() - began:.1f} s")
            return None
        finally:
            await asyncio.sleep(pause)
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.refused.append(f"{answer.body} after {time.monotonic() - began:.1f} s")
            return None
        assert answer.status in (HTTPStatus.OK, HTTPStatus.CREATED), answer
        body: Json = answer.body
        return body


@asynccontextmanager
async def going_on(*traffics: Traffic) -> AsyncIterator[None]:
    """Everybody writes, and the first one gathers groups, for the length of the block."""
    async with asyncio.TaskGroup() as tasks:
        for traffic in traffics:
            tasks.create_task(traffic.writes())
        tasks.create_task(traffics[0].gathers())
        yield
        for traffic in traffics:
            traffic.over = True


async def more_told(followers: list[Follower]) -> None:
    """Each follower is told of some more messages."""
    counts = [len(follower.of_type("message.new")) for follower in followers]
    for follower, count in zip(followers, counts, strict=True):
        await follower.told_times(count + SOME, "message.new")


async def has_all(follower: Follower, inbox: list[Json]) -> None:
    async def complete() -> bool:
        return len(follower.notifications) >= len(inbox)

    await eventually(complete)
    told = [each["eventId"] for each in follower.notifications]
    assert told[: len(inbox)] == [each["eventId"] for each in inbox]


def agree(member: User, inbox: list[Json], traffics: list[Traffic]) -> None:
    """Each message of the others is there once, in the order of each sender."""
    messages = [each["data"] for each in inbox if each["type"] == "message.new"]
    for traffic in traffics:
        theirs = [each["content"] for each in messages if each["senderId"] == traffic.user.id]
        assert theirs == ([] if traffic.user is member else traffic.contents)


async def texts_of(user: User, group: Json) -> list[str]:
    """The contents of the whole history, in order, without the system messages."""
    texts: list[str] = []
    after, more = 0, True
    while more:
        path = f"/v1/groups/{group['id']}/messages?after={after}&limit=100"
        slice_ = (await user.get(path)).body
        seqs = [message["seq"] for message in slice_["messages"]]
        assert seqs == list(range(after + 1, after + 1 + len(seqs)))
        texts += [each["content"] for each in slice_["messages"] if each["type"] == "text"]
        after, more = after + len(seqs), slice_["hasMore"]
    return texts

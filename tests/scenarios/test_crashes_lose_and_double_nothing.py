"""A part dies at any moment, as by `kill -9`, and comes back. What was answered with success
reaches every mailbox once, and clients that come back with their cursors find no hole."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp
import pytest

from tests.fixtures.people import Answer
from tests.fixtures.sse import Follower
from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.scenarios.conftest import Newcomer
from tests.scenarios.people import Json, User

# What is told before the crash, and again after everything is back.
SOME = 10
PAUSE = 0.02


@dataclass
class Traffic:
    """What somebody does until it is `over`, and what they were promised by a 2xx."""

    user: User
    group: Json
    guest: User
    contents: list[str] = field(default_factory=list)
    group_ids: list[str] = field(default_factory=list)
    refused: int = 0
    over: bool = False

    async def writes(self) -> None:
        """Messages, each sent until it is accepted: a client id makes that safe."""
        while not self.over:
            content = f"{self.user.name}-{len(self.contents)}"
            fields = {"clientMessageId": content}
            while not await _accepted(self.user.tries_to_send(self.group, content, **fields)):
                self.refused += 1
            self.contents.append(content)

    async def gathers(self) -> None:
        """New groups with a guest: what was not answered may exist or not."""
        while not self.over:
            body = {"name": "A new one", "memberIds": [self.guest.id]}
            if made := await _accepted(self.user.post("/v1/groups", body)):
                self.group_ids.append(made["id"])


async def _accepted(call: Awaitable[Answer]) -> Json | None:
    """The answer's body; None where nobody answered, or said to try again later."""
    try:
        answer = await call
    except (aiohttp.ClientError, TimeoutError):
        return None
    finally:
        await asyncio.sleep(PAUSE)
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
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


@pytest.mark.parametrize("victim", ["groups-1", "chat-1", "notifier-1", "notifier-2"])
async def test_who_follows_gets_each_entry_once_when_a_part_dies(
    alice: User, bob: User, newcomer: Newcomer, stack: Stack, victim: str
) -> None:
    members = [bob, *(newcomer(f"Member{number}") for number in range(3))]
    away, guest = newcomer("Away"), newcomer("Guest")
    group = await alice.creates_group(*members, away)
    traffics = [Traffic(user, group, guest) for user in (alice, bob)]
    async with AsyncExitStack() as streams:
        followers = [await streams.enter_async_context(member.follow()) for member in members]
        async with going_on(*traffics):
            await more_told(followers)
            await stack.kill(victim)
            if not victim.startswith("chat"):
                # The others go on without it.
                await more_told(followers)
            await stack.healed()
            await more_told(followers)
        await stack.settled()
        if victim.startswith("notifier"):
            assert sum(follower.connections for follower in followers) > len(followers)
        for member, follower in zip(members, followers, strict=True):
            inbox = await member.whole_inbox()
            await _has_all(follower, inbox)
            _agree(member, inbox, traffics)
    _agree(away, await away.whole_inbox(), traffics)
    history = await _texts(alice, group)
    assert sorted(history) == sorted(content for t in traffics for content in t.contents)
    invited = [each["data"]["groupId"] for each in await guest.whole_inbox()]
    assert len(invited) == len(set(invited))
    assert set(traffics[0].group_ids) <= set(invited)


async def _has_all(follower: Follower, inbox: list[Json]) -> None:
    async def complete() -> bool:
        return len(follower.notifications) >= len(inbox)

    await eventually(complete)
    told = [each["eventId"] for each in follower.notifications]
    assert told[: len(inbox)] == [each["eventId"] for each in inbox]


def _agree(member: User, inbox: list[Json], traffics: list[Traffic]) -> None:
    """Each message of the others is there once, in the order of each sender."""
    messages = [each["data"] for each in inbox if each["type"] == "message.new"]
    for traffic in traffics:
        theirs = [each["content"] for each in messages if each["senderId"] == traffic.user.id]
        assert theirs == ([] if traffic.user is member else traffic.contents)


async def _texts(user: User, group: Json) -> list[str]:
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


async def test_what_happens_while_no_notifier_lives_is_told_when_they_are_back(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    async with bob.stream() as bobs:
        await bobs.told("group.invite")
    try:
        await stack.kill("notifier-1")
        await stack.kill("notifier-2")
        messages = [await alice.sends(group, f"Message {number}") for number in range(30)]
        other = await alice.creates_group(bob, name="Meanwhile")
    finally:
        await stack.healed()
    async with bob.stream(bobs.cursor) as bobs, alice.stream() as alices:
        told = await bobs.told_times(len(messages), "message.new")
        assert [each["data"]["messageId"] for each in told] == [each["id"] for each in messages]
        await bobs.told("group.invite", groupId=other["id"])
        await alices.told("message.delivered", upToSeq=messages[-1]["seq"])


async def test_who_joins_while_chat_is_away_is_told_once_it_is_back(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group, "Before")
    try:
        await stack.kill("chat-1")
        await alice.adds(group, carol)
        await alice.removes(group, bob)
    finally:
        await stack.healed()
    await stack.settled()
    async with carol.stream() as carols:
        message = await alice.sends(group, "After")
        await carols.told("message.new", messageId=message["id"])
    await bob.loses_sight_of(group)
    await stack.settled()
    assert "After" not in str(await bob.whole_inbox())
    events = [each["metadata"]["event"] for each in await carol.history(group) if each["metadata"]]
    assert events == ["group_created", "member_added", "member_removed"]


@pytest.mark.parametrize("service", ["groups", "chat"])
async def test_a_deploy_keeps_back_nothing_that_was_answered(
    alice: User, bob: User, newcomer: Newcomer, stack: Stack, service: str
) -> None:
    group = await alice.creates_group(bob)
    traffic = Traffic(alice, group, guest=newcomer("Guest"))
    async with bob.follow() as bobs, going_on(traffic):
        await more_told([bobs])
        await stack.stop(f"{service}-1")
        kept_back = await stack.tables[service].fetchval(
            "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        )
        await stack.healed()
    assert kept_back == 0


async def test_a_deploy_of_every_notifier_goes_unnoticed(
    alice: User, newcomer: Newcomer, stack: Stack
) -> None:
    """Streams are asked to come back, and calls find the other replica."""
    members = [newcomer(f"Member{number}") for number in range(4)]
    group = await alice.creates_group(*members)
    traffic = Traffic(alice, group, guest=newcomer("Guest"))
    async with AsyncExitStack() as streams:
        followers = [await streams.enter_async_context(member.follow()) for member in members]
        async with going_on(traffic):
            for name in ("notifier-1", "notifier-2"):
                await more_told(followers)
                async with asyncio.TaskGroup() as tasks:
                    stopping = tasks.create_task(stack.stop(name))
                    while not stopping.done():
                        # Whoever looks finds the inbox, whichever replica is going.
                        assert await members[0].unread() > 0
                await more_told(followers)
                await stack.healed()
            await more_told(followers)
        await stack.settled()
        assert all(follower.connections > 1 for follower in followers)
        for member, follower in zip(members, followers, strict=True):
            await _has_all(follower, await member.whole_inbox())
    assert traffic.refused == 0

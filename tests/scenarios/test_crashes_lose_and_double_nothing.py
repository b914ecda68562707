"""A part dies at any moment, as by `kill -9`, and comes back. What was answered with success
reaches every mailbox once, and clients that come back with their cursors find no hole."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.fixtures.stack import Stack
from tests.scenarios.conftest import Newcomer
from tests.scenarios.people import User
from tests.scenarios.traffic import Traffic, agree, going_on, has_all, more_told, texts_of


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
            await has_all(follower, inbox)
            agree(member, inbox, traffics)
    agree(away, await away.whole_inbox(), traffics)
    history = await texts_of(alice, group)
    assert sorted(history) == sorted(content for t in traffics for content in t.contents)
    invited = [each["data"]["groupId"] for each in await guest.whole_inbox()]
    assert len(invited) == len(set(invited))
    assert set(traffics[0].group_ids) <= set(invited)


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
                        # Often enough to meet every moment of it, and no load.
                        await asyncio.sleep(0.02)
                await more_told(followers)
                await stack.healed()
            await more_told(followers)
        await stack.settled()
        assert all(follower.connections > 1 for follower in followers)
        for member, follower in zip(members, followers, strict=True):
            await has_all(follower, await member.whole_inbox())
    assert traffic.refused == []

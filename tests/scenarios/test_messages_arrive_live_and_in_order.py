"""Live: whatever replica holds the stream, a message is there at once and in its place."""

import asyncio
import time

from tests.fixtures.stack import HEARTBEAT_SECONDS, Stack
from tests.scenarios.conftest import Newcomer
from tests.scenarios.people import User

# A lost push would show at the next heartbeat only; half of that is no push lost.
AT_ONCE = HEARTBEAT_SECONDS / 2


async def test_streams_on_every_replica_are_told_at_once(
    alice: User, bob: User, stack: Stack
) -> None:
    async with (
        bob.stream(url=stack.url_of("notifier-1")) as phone,
        bob.stream(url=stack.url_of("notifier-2")) as laptop,
    ):
        group = await alice.creates_group(bob)
        for number in range(20):
            message = await alice.sends(group, f"Message {number}")
            sent = time.monotonic()
            for device in (phone, laptop):
                await device.told("message.new", messageId=message["id"], timeout=AT_ONCE)
            assert time.monotonic() - sent < AT_ONCE
        assert phone.notifications == laptop.notifications


async def test_a_held_poll_is_answered_when_something_comes_on_either_replica(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    await stack.settled()
    poller = bob.poller()
    await poller.ask()
    for number in range(4):
        asking = asyncio.create_task(poller.ask(hold=20))
        await alice.sends(group, f"Message {number}")
        async with asyncio.timeout(AT_ONCE):
            answer = await asking
        contents = [each["data"]["content"] for each in answer["notifications"]]
        assert contents == [f"Message {number}"]


async def test_concurrent_senders_are_heard_by_everyone_in_one_order(
    alice: User, newcomer: Newcomer
) -> None:
    members = [newcomer(f"Member{number}") for number in range(4)]
    group = await alice.creates_group(*members)
    count = 25

    async def writes(sender: User) -> None:
        for number in range(count):
            await sender.sends(group, f"{sender.name} {number}")

    async with (
        alice.stream() as first,
        members[0].stream() as second,
        members[1].stream() as third,
        members[2].follow() as fourth,
    ):
        await asyncio.gather(*(writes(member) for member in members))
        # Each stream checks that the order is that of `seq`.
        everything = [
            each["data"]["seq"] for each in await first.told_times(4 * count, "message.new")
        ]
        assert everything == list(range(2, 4 * count + 2))
        for stream, member in ((second, members[0]), (third, members[1]), (fourth, members[2])):
            told = await stream.told_times(3 * count, "message.new")
            assert member.id not in {each["data"]["senderId"] for each in told}
            assert len(told) == 3 * count


async def test_the_cursor_of_one_replica_is_good_on_the_other(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    cursor = None
    for number in range(6):
        async with bob.stream(cursor, url=stack.url_of(f"notifier-{1 + number % 2}")) as stream:
            if cursor is None:
                await stream.told("group.invite")
            message = await alice.sends(group, f"Message {number}")
            await stream.told("message.new", messageId=message["id"])
            assert stream.contents == [f"Message {number}"]
            cursor = stream.cursor

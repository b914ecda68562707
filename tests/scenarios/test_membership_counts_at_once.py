"""From the answer on, a member is told of everything and a stranger of nothing."""

import asyncio
from http import HTTPStatus

from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.scenarios.conftest import Newcomer
from tests.scenarios.people import Json, User

ROUNDS = 10


async def test_the_creator_of_a_group_can_write_at_once(alice: User, bob: User) -> None:
    async with bob.stream() as bobs:
        for number in range(5):
            group = await alice.creates_group(bob, name=f"Group {number}")
            message = await alice.sends(group, "First!")
            assert message["seq"] == 2
            await bobs.told("message.new", messageId=message["id"])
            await bobs.told("group.invite", groupId=group["id"])


async def test_who_was_added_can_write_at_once_and_is_told_of_all_that_follows(
    alice: User, bob: User, newcomer: Newcomer
) -> None:
    group = await alice.creates_group(bob)
    for number in range(5):
        added = newcomer(f"Guest{number}")
        async with added.stream() as theirs:
            await alice.adds(group, added)
            await added.sends(group, "Thanks")
            welcomes = [await alice.sends(group, f"Welcome {turn}") for turn in range(3)]
            for message in welcomes:
                await theirs.told("message.new", messageId=message["id"])


async def test_who_was_just_added_is_told_of_the_very_next_message(
    alice: User, bob: User, newcomer: Newcomer, stack: Stack
) -> None:
    """The writer's own call says nothing of the newcomer: chat must know by the time groups
    answers."""
    group = await alice.creates_group(bob)
    sent: dict[User, Json] = {}
    for number in range(ROUNDS):
        added = newcomer(f"Guest{number}")
        await alice.adds(group, added)
        sent[added] = await bob.sends(group, f"Hello, {added.name}")
    await stack.settled()
    for added, message in sent.items():
        told = await added.inbox("&type=message.new")
        assert told[-1]["data"]["messageId"] == message["id"]


async def test_who_was_just_removed_misses_the_very_next_message(
    alice: User, bob: User, newcomer: Newcomer, stack: Stack
) -> None:
    guests = [newcomer(f"Guest{number}") for number in range(ROUNDS)]
    group = await alice.creates_group(bob, *guests)
    for guest in guests:
        await alice.removes(group, guest)
        message = await bob.sends(group, f"Goodbye, {guest.name}")
        assert (await guest.tries_to_send(group)).status == HTTPStatus.NOT_FOUND
        assert (await guest.get(f"/v1/messages/{message['id']}")).status == HTTPStatus.NOT_FOUND
        assert await guest.conversations() == []
    await stack.settled()
    for gone, guest in enumerate(guests):
        told = await guest.inbox("&type=message.new")
        assert len(told) == gone, "everybody hears of those who left before, and of nothing later"


async def test_a_change_of_rules_counts_for_the_very_next_message(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    path = f"/v1/groups/{group['id']}"
    for _ in range(ROUNDS):
        await alice.patch(path, {"settings": {"onlyAdminsCanMessage": True}})
        assert (await bob.tries_to_send(group)).status == HTTPStatus.FORBIDDEN
        await alice.makes(bob, "admin", group)
        await bob.sends(group)
        await alice.makes(bob, "member", group)
        assert (await bob.tries_to_send(group)).status == HTTPStatus.FORBIDDEN
        await alice.patch(path, {"settings": {"onlyAdminsCanMessage": False}})
        await bob.sends(group)
    await alice.delete(path)
    assert (await bob.tries_to_send(group)).status == HTTPStatus.NOT_FOUND
    assert await alice.conversations() == []


async def test_who_was_removed_is_refused_and_told_of_nothing_more(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol)
    message = await alice.sends(group, "All here?")
    async with bob.stream() as bobs, carol.stream() as carols:
        await bobs.told("message.new", messageId=message["id"])
        await alice.removes(group, bob)
        await bobs.told("group.member_removed")

        later = await alice.sends(group, "Without Bob")
        await alice.deletes(message)
        await carols.told("message.new", messageId=later["id"])
        await stack.settled()
        expected = ["group.invite", "message.new", "group.member_removed"]
        assert await bob.types_told() == expected
        assert [told["type"] for told in bobs.notifications] == expected

    for call in (
        bob.tries_to_send(group),
        bob.get(f"/v1/groups/{group['id']}"),
        bob.get(f"/v1/groups/{group['id']}/members"),
        bob.get(f"/v1/messages/{message['id']}"),
        bob.get(f"/v1/messages/{message['id']}/status"),
        bob.post(f"/v1/messages/{message['id']}/read"),
        bob.delete(f"/v1/messages/{message['id']}"),
    ):
        answer = await call
        assert answer.status == HTTPStatus.NOT_FOUND, answer
    assert await bob.conversations() == []

    # What is written to a stream is told to chat a little later.
    async def reached_carol_alone() -> bool:
        status = await alice.status_of(later)
        return (status["total"], status["deliveredTo"]) == (1, [carol.id])

    await eventually(reached_carol_alone)


async def test_who_left_is_told_of_nothing_more(alice: User, bob: User, stack: Stack) -> None:
    group = await alice.creates_group(bob)
    await bob.leaves(group)
    await alice.sends(group, "Gone?")
    await stack.settled()
    assert await bob.types_told() == ["group.invite", "group.member_left"]


async def test_who_comes_back_is_told_again_and_sees_the_whole_history(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol)
    await alice.sends(group, "With Bob")
    await alice.removes(group, bob)
    missed = await alice.sends(group, "Without Bob")
    await alice.adds(group, bob)
    await stack.settled()
    async with bob.stream() as bobs:
        back = await alice.sends(group, "Welcome back")
        await bobs.told("message.new", messageId=back["id"])
    await stack.settled()
    contents = [each["data"]["content"] for each in await bob.inbox("&type=message.new")]
    assert contents == ["Welcome back", "With Bob"]
    texts = [each["content"] for each in await bob.history(group) if each["type"] == "text"]
    assert texts == ["With Bob", "Without Bob", "Welcome back"]
    assert (await alice.status_of(missed))["total"] == 1
    assert (await alice.status_of(back))["total"] == 2


async def test_strangers_are_told_nothing(alice: User, bob: User, carol: User) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    assert (await carol.tries_to_send(group)).status == HTTPStatus.NOT_FOUND
    assert (await carol.get(f"/v1/messages/{message['id']}")).status == HTTPStatus.NOT_FOUND
    assert (await carol.get(f"/v1/groups/{group['id']}")).status == HTTPStatus.NOT_FOUND
    async with carol.stream() as carols:
        assert carols.connected["newest"] == carols.connected["cursor"]


async def test_two_who_open_a_chat_with_each_other_get_one(alice: User, bob: User) -> None:
    one, other = await asyncio.gather(alice.opens_dm(bob), bob.opens_dm(alice))
    assert one["id"] == other["id"]
    first, second = await asyncio.gather(alice.sends(one, "Hi"), bob.sends(other, "Hi"))
    assert {first["seq"], second["seq"]} == {2, 3}

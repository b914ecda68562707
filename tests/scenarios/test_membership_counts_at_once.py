"""From the answer on, a member is told of everything and a stranger of nothing."""

import asyncio
from http import HTTPStatus

from tests.fixtures.stack import Stack
from tests.scenarios.conftest import Newcomer
from tests.scenarios.people import Json, User


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


async def test_a_newcomer_is_told_within_a_moment_and_from_then_on_of_everything(
    alice: User, bob: User, newcomer: Newcomer, stack: Stack
) -> None:
    """Without the newcomer's doing: chat must hear of them from groups."""
    group = await alice.creates_group(bob)
    added = newcomer("Guest")
    await alice.adds(group, added)
    answered = asyncio.get_running_loop().time()
    sent: list[Json] = []
    while asyncio.get_running_loop().time() - answered < 1:
        sent.append(await alice.sends(group, f"Message {len(sent)}"))
    await stack.settled()
    told = [each["data"]["messageId"] for each in (await added.inbox("&type=message.new"))[::-1]]
    assert told == [message["id"] for message in sent][-100:][-len(told) :]
    assert len(told) > min(100, len(sent)) // 2


async def test_who_was_just_added_is_told_of_what_others_write(
    alice: User, bob: User, newcomer: Newcomer, stack: Stack
) -> None:
    """The writer's own call says nothing of the newcomer: chat's copy must know."""
    group = await alice.creates_group(bob)
    await bob.sends(group, "Anyone?")
    for number in range(5):
        added = newcomer(f"Guest{number}")
        await alice.adds(group, added)
        await stack.settled()
        message = await bob.sends(group, f"Hello, {added.name}")
        async with added.stream() as theirs:
            await theirs.told("message.new", messageId=message["id"])


async def test_who_was_removed_is_refused_and_told_of_nothing_more(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol)
    message = await alice.sends(group, "All here?")
    async with bob.stream() as bobs, carol.stream() as carols:
        await bobs.told("message.new", messageId=message["id"])
        await alice.removes(group, bob)
        await bobs.told("group.member_removed")
        await bob.loses_sight_of(group)

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
    status = await alice.status_of(later)
    assert (status["total"], status["deliveredTo"]) == (1, [carol.id])


async def test_who_left_is_told_of_nothing_more(alice: User, bob: User, stack: Stack) -> None:
    group = await alice.creates_group(bob)
    await bob.leaves(group)
    await bob.loses_sight_of(group)
    await alice.sends(group, "Gone?")
    await stack.settled()
    assert await bob.types_told() == ["group.invite", "group.member_left"]


async def test_who_comes_back_is_told_again_and_sees_the_whole_history(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol)
    await alice.sends(group, "With Bob")
    await alice.removes(group, bob)
    await bob.loses_sight_of(group)
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

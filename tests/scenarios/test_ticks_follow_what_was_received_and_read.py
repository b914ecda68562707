"""Receipts: ✓✓ when it arrived, blue when it was read, and no flood of them."""

import itertools
from datetime import datetime
from typing import Any

from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.scenarios.conftest import Newcomer
from tests.scenarios.people import Json, User


async def status_becomes(user: User, message: Json, **wanted: object) -> Json:
    """The message's status, once it has these values."""
    status: dict[str, Any] = {}

    async def reached() -> bool:
        status.update(await user.status_of(message))
        return {key: status[key] for key in wanted} == wanted

    try:
        await eventually(reached)
    except TimeoutError:
        raise AssertionError(f"{status} never had {wanted}") from None
    return status


async def test_a_status_says_who_has_it_and_who_read_it(
    alice: User, bob: User, carol: User
) -> None:
    group = await alice.creates_group(bob, carol)
    message = await alice.sends(group)
    assert message["status"] == {"total": 2, "delivered": 0, "read": 0}
    async with bob.stream():
        await status_becomes(alice, message, deliveredTo=[bob.id], readBy=[])
    await carol.reads(message)
    status = await alice.status_of(message)
    assert sorted(status["deliveredTo"]) == sorted([bob.id, carol.id])
    assert status["readBy"] == [carol.id]
    assert (status["total"], status["delivered"], status["read"]) == (2, 2, 1)
    seen = (await bob.get(f"/v1/messages/{message['id']}")).body
    assert seen["status"] == {"total": 2, "delivered": 2, "read": 1}


async def test_reading_a_message_reads_all_before_it(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    messages = [await alice.sends(group, f"Message {number}") for number in range(3)]
    later = await alice.sends(group, "Not seen yet")
    async with alice.stream() as alices:
        await bob.reads(messages[-1])
        receipt = await alices.told("message.read")
        assert receipt["data"]["messageIds"] == [message["id"] for message in messages]
        assert receipt["data"]["upToSeq"] == messages[-1]["seq"]
        # What is read has arrived.
        await alices.told("message.delivered", upToSeq=messages[-1]["seq"])
    assert (await alice.status_of(messages[0]))["readBy"] == [bob.id]
    assert (await alice.status_of(later))["readBy"] == []
    [conversation] = await bob.conversations()
    assert conversation["lastReadSeq"] == messages[-1]["seq"]
    await bob.reads(messages[0])
    [conversation] = await bob.conversations()
    assert conversation["lastReadSeq"] == messages[-1]["seq"]


async def test_each_sender_is_told_of_their_own_messages_only(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol)
    first = await alice.sends(group, "From Alice")
    second = await bob.sends(group, "From Bob")
    async with alice.stream() as alices, bob.stream() as bobs:
        await carol.reads(second)
        receipt = await alices.told("message.read", readerId=carol.id)
        assert receipt["data"]["messageIds"] == [first["id"]]
        receipt = await bobs.told("message.read", readerId=carol.id)
        assert receipt["data"]["messageIds"] == [second["id"]]


async def test_many_messages_at_once_make_few_receipts(alice: User, bob: User, carol: User) -> None:
    group = await alice.creates_group(bob, carol)
    count = 60
    async with alice.stream() as alices, bob.stream() as bobs, carol.stream() as carols:
        messages = [await alice.sends(group, f"Message {number}") for number in range(count)]
        await bobs.told_times(count, "message.new")
        await carols.told_times(count, "message.new")
        last = messages[-1]["seq"]
        await status_becomes(alice, messages[-1], delivered=2)
        reached: dict[str, int] = {}
        while reached != {bob.id: last, carol.id: last}:
            receipt = await alices.told("message.delivered")
            reached |= {each["userId"]: each["upToSeq"] for each in receipt["data"]["receipts"]}
        receipts = alices.of_type("message.delivered")
        assert len(receipts) < count
        named = {id_ for receipt in receipts for id_ in receipt["data"]["messageIds"]}
        assert named == {message["id"] for message in messages}


async def test_who_joined_later_is_in_no_earlier_receipt_and_who_left_stays(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    async with bob.stream():
        await status_becomes(alice, message, deliveredTo=[bob.id])
    await alice.adds(group, carol)
    await stack.settled()
    await carol.reads(message)
    await alice.removes(group, bob)
    await stack.settled()
    status = await alice.status_of(message)
    assert (status["total"], status["deliveredTo"], status["readBy"]) == (1, [bob.id], [])


async def test_large_groups_get_counts_instead_of_names_once_a_second(
    alice: User, bob: User, carol: User, newcomer: Newcomer
) -> None:
    others = [newcomer("Fan").id for _ in range(100)]
    group = await alice.creates_group(bob, carol, *others, name="Fans")
    assert (await alice.get(f"/v1/groups/{group['id']}")).body["receipts"] == "aggregate"
    async with alice.stream() as alices, bob.stream() as bobs, carol.stream() as carols:
        count = 40
        messages = [await alice.sends(group, f"Message {number}") for number in range(count)]
        await bobs.told_times(count, "message.new")
        await carols.told_times(count, "message.new")
        await bob.reads(messages[0])
        await bob.reads(messages[-1])
        await carol.reads(messages[-1])
        newest = messages[-1]["seq"]
        receipt = await alices.told("message.delivered", upToSeq=newest, deliveredCount=2)
        assert receipt["isRead"]
        assert set(receipt["data"]) == {
            *("groupId", "groupName", "messageIds", "upToSeq", "total", "deliveredCount")
        }
        assert receipt["data"]["total"] == 102
        receipt = await alices.told("message.read", upToSeq=newest, readCount=2)
        assert set(receipt["data"]) == {
            *("groupId", "groupName", "messageIds", "upToSeq", "total", "readCount")
        }
        for kind in ("message.delivered", "message.read"):
            moments = [moment_of(receipt) for receipt in alices.of_type(kind)]
            gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
            assert all(gap >= 0.95 for gap in gaps), gaps
    status = await alice.status_of(messages[-1])
    assert sorted(status["readBy"]) == sorted([bob.id, carol.id])
    assert status["total"] == 102


def moment_of(notification: Json) -> float:
    return datetime.fromisoformat(notification["createdAt"]).timestamp()

"""All ten types of notification: who is told, in which words, with which data, read or unread."""

from typing import Any

from tests.fixtures.stack import Stack
from tests.scenarios.conftest import Newcomer
from tests.scenarios.people import Json, User


def about(group: Json) -> dict[str, Any]:
    """What the data of every notification says of its group."""
    name = None if group["type"] == "dm" else group["name"]
    return {"groupId": group["id"], "groupName": name}


async def test_every_member_but_the_sender_is_told_of_a_message(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol, name="Lunch")
    long = "Soup at noon, or rather bread and cheese by the river? 🥖"
    async with bob.stream() as bobs, carol.stream() as carols:
        message = await alice.sends(group, long, metadata={"mood": [1]}, clientMessageId="c-1")
        told = await bobs.told("message.new")
        assert (await carols.told("message.new"))["eventId"] == told["eventId"]
    assert told["title"] == "Alice in Lunch"
    assert told["message"] == long[:50]
    assert not told["isRead"]
    assert told["data"] == {
        **about(group),
        "messageId": message["id"],
        "seq": message["seq"],
        "senderId": alice.id,
        "senderName": "Alice",
        "content": long,
        "messageType": "text",
        "metadata": {"mood": [1]},
        "clientMessageId": "c-1",
    }
    await stack.settled()
    assert "message.new" not in await alice.types_told()


async def test_the_sender_is_told_who_received_and_who_read(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    async with alice.stream() as alices, bob.stream() as bobs:
        message = await alice.sends(group)
        await bobs.told("message.new")
        receipt = await alices.told("message.delivered")
        assert receipt["isRead"]
        assert receipt["data"] == {
            **about(group),
            "messageIds": [message["id"]],
            "upToSeq": message["seq"],
            "total": 1,
            "deliveredTo": [bob.id],
            "receipts": [{"userId": bob.id, "upToSeq": message["seq"]}],
        }
        await bob.reads(message)
        receipt = await alices.told("message.read")
        assert receipt["isRead"]
        assert receipt["message"] == "Bob read your message"
        assert receipt["data"] == {
            **about(group),
            "messageIds": [message["id"]],
            "upToSeq": message["seq"],
            "total": 1,
            "readerId": bob.id,
            "readerName": "Bob",
        }
    assert await alice.unread() == 0


async def test_every_member_is_told_of_a_deleted_message(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    async with alice.stream() as alices, bob.stream() as bobs:
        await alice.deletes(message)
        mine, theirs = await alices.told("message.deleted"), await bobs.told("message.deleted")
    assert mine["data"] == theirs["data"]
    assert theirs["data"] == {
        **about(group),
        "messageId": message["id"],
        "seq": message["seq"],
        "deletedBy": alice.id,
    }
    assert mine["isRead"]
    assert not theirs["isRead"]


async def test_those_added_later_are_invited_and_nobody_else(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    async with carol.stream() as carols:
        await alice.adds(group, bob, carol)
        invite = await carols.told("group.invite")
    assert invite["title"] == "Climbing"
    assert invite["message"] == "Alice added you to Climbing"
    assert not invite["isRead"]
    assert invite["data"] == {
        **about(group),
        "invitedBy": alice.id,
        "inviterName": "Alice",
        "groupType": "group",
    }
    await stack.settled()
    assert await bob.types_told() == ["group.invite"]
    assert await alice.types_told() == []


async def test_a_removal_is_told_to_the_removed_and_to_those_who_remain(
    alice: User, bob: User, carol: User
) -> None:
    group = await alice.creates_group(bob, carol)
    async with alice.stream() as alices, bob.stream() as bobs, carol.stream() as carols:
        await alice.removes(group, bob)
        told = [await stream.told("group.member_removed") for stream in (alices, bobs, carols)]
    for notification in told:
        assert notification["data"]["groupId"] == group["id"]
        assert notification["data"]["userId"] == bob.id
        assert notification["data"]["removedBy"] == alice.id
        assert set(notification["data"]) == {*about(group), "userId", "userName", "removedBy"}
    assert [notification["isRead"] for notification in told] == [True, False, False]


async def test_who_leaves_and_those_who_remain_are_told(
    alice: User, bob: User, carol: User
) -> None:
    group = await alice.creates_group(bob, carol)
    async with alice.stream() as alices, bob.stream() as bobs, carol.stream() as carols:
        await bob.leaves(group)
        told = [await stream.told("group.member_left") for stream in (alices, bobs, carols)]
    for notification in told:
        assert notification["data"] == {**about(group), "userId": bob.id, "userName": "Bob"}
    assert [notification["isRead"] for notification in told] == [False, True, False]


async def test_whose_role_changes_is_told(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol)
    async with bob.stream() as bobs:
        await alice.makes(bob, "admin", group)
        told = await bobs.told("group.role_updated")
    assert told["data"] == {
        **about(group),
        "userId": bob.id,
        "role": "admin",
        "changedBy": alice.id,
    }
    assert not told["isRead"]
    await stack.settled()
    assert await carol.types_told() == ["group.invite"]


async def test_both_are_told_when_a_group_is_handed_over(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol)
    async with alice.stream() as alices, bob.stream() as bobs:
        answer = await alice.post(f"/v1/groups/{group['id']}/transfer", {"userId": bob.id})
        assert answer.body["createdBy"] == bob.id
        mine = await alices.told("group.role_updated")
        theirs = await bobs.told("group.role_updated")
    for told in (mine, theirs):
        assert told["data"] == {
            **about(group),
            "userId": bob.id,
            "role": "admin",
            "changedBy": alice.id,
            "createdBy": bob.id,
        }
    assert mine["isRead"]
    assert not theirs["isRead"]
    await stack.settled()
    assert await carol.types_told() == ["group.invite"]


async def test_every_member_is_told_what_changed_about_a_group(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    async with alice.stream() as alices, bob.stream() as bobs:
        path = f"/v1/groups/{group['id']}"
        changes = {"name": "Bouldering", "settings": {"onlyAdminsCanMessage": True}}
        changed = (await alice.patch(path, changes)).body
        mine, theirs = await alices.told("group.updated"), await bobs.told("group.updated")
        assert sorted(theirs["data"].pop("changes")) == ["name", "settings"]
        assert theirs["data"] == {**about(changed), "updatedBy": alice.id}
        assert mine["isRead"]
        assert not theirs["isRead"]
        # The setting works at once, for those it is about.
        assert (await bob.tries_to_send(group)).status == 403
        message = await alice.sends(group)
        told = await bobs.told("message.new", messageId=message["id"])
        assert told["title"] == "Alice in Bouldering"


async def test_every_member_is_told_that_a_group_is_gone(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    async with alice.stream() as alices, bob.stream() as bobs:
        assert (await alice.delete(f"/v1/groups/{group['id']}")).status == 200
        mine, theirs = await alices.told("group.deleted"), await bobs.told("group.deleted")
    assert theirs["data"] == {**about(group), "deletedBy": alice.id}
    assert mine["isRead"]
    assert not theirs["isRead"]
    assert group["id"] not in [each["group"]["id"] for each in await bob.conversations()]


async def test_a_chat_of_two_goes_by_names_of_people(alice: User, bob: User) -> None:
    async with alice.stream() as alices, bob.stream() as bobs:
        dm = await alice.opens_dm(bob)
        invite = await bobs.told("group.invite")
        assert invite["title"] == "Alice"
        assert invite["data"] == {
            **about(dm),
            "invitedBy": alice.id,
            "inviterName": "Alice",
            "groupType": "dm",
        }
        message = await alice.sends(dm, "Psst")
        told = await bobs.told("message.new")
        assert (told["title"], told["message"]) == ("Alice", "Psst")
        assert told["data"]["groupName"] is None
        receipt = await alices.told("message.delivered", messageIds=[message["id"]])
        assert receipt["data"]["groupName"] is None
    assert [each["group"]["name"] for each in await bob.conversations()] == ["Alice"]
    assert [each["group"]["name"] for each in await alice.conversations()] == ["Bob"]


async def test_an_image_without_words_says_what_it_is(alice: User, bob: User) -> None:
    group = await alice.creates_group(bob)
    async with bob.stream() as bobs:
        await alice.sends(group, "", type="image", metadata={"url": "https://example.org/a.png"})
        told = await bobs.told("message.new", messageType="image")
        assert told["data"]["metadata"] == {"url": "https://example.org/a.png"}
        assert told["message"] != ""


async def test_system_messages_are_in_the_history_and_notify_nobody(
    alice: User, bob: User, carol: User, newcomer: Newcomer, stack: Stack
) -> None:
    dan = newcomer("Dan")
    group = await alice.creates_group(bob, carol)
    await alice.adds(group, dan)
    await alice.removes(group, carol)
    await dan.leaves(group)
    await alice.makes(bob, "admin", group)
    await alice.post(f"/v1/groups/{group['id']}/transfer", {"userId": bob.id})
    await stack.settled()

    history = await bob.history(group)
    assert [message["seq"] for message in history] == [1, 2, 3, 4, 5, 6]
    assert {message["type"] for message in history} == {"system"}
    assert [message["metadata"]["event"] for message in history] == [
        "group_created",
        "member_added",
        "member_removed",
        "member_left",
        "role_changed",
        "group_transferred",
    ]
    message = await alice.sends(group)
    assert message["seq"] == 7
    await stack.settled()
    [conversation] = await bob.conversations()
    assert conversation["unreadCount"] == 1
    assert (await bob.types_told()).count("message.new") == 1
    assert (await alice.delete(f"/v1/messages/{history[0]['id']}")).status == 409

"""What somebody took back is not read later, wherever one looks."""

import asyncio
from http import HTTPStatus

import pytest

from tests.fixtures.stack import Stack
from tests.scenarios.people import Json, User

SECRET = "The pin is 7041"
ROUNDS = 20


async def test_its_content_is_in_no_later_answer(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol)
    async with bob.stream() as bobs:
        message = await alice.sends(group, SECRET, metadata={"hint": SECRET}, clientMessageId="pin")
        await bobs.told("message.new", messageId=message["id"])
        await alice.deletes(message)
        deleted = await bobs.told("message.deleted")
        assert SECRET not in str(deleted)
    await stack.settled()

    shown = (await bob.get(f"/v1/messages/{message['id']}")).body
    assert (shown["isDeleted"], shown["content"], shown["seq"]) == (True, "", message["seq"])
    found = [each for each in await bob.history(group) if each["id"] == message["id"]]
    assert [each["isDeleted"] for each in found] == [True]

    for entry in await bob.inbox("&type=message.new"):
        assert entry["data"]["isDeleted"] is True
        assert entry["data"]["content"] == ""
    # Carol comes now; Bob replays from the beginning.
    epoch = bobs.cursor.partition("-")[0] if bobs.cursor else ""
    poller = bob.poller(f"{epoch}-0")
    await poller.ask()
    async with carol.stream() as carols, bob.stream(f"{epoch}-0") as replay:
        for stream in (carols, replay):
            entry = await stream.told("message.new", messageId=message["id"])
            assert entry["data"]["isDeleted"] is True
            await stream.told("message.deleted")
        everything = [
            await bob.history(group),
            await bob.conversations(),
            await carol.conversations(),
            await bob.inbox(),
            await carol.inbox(),
            await bob.status_of(message),
            poller.notifications,
            carols.notifications,
            replay.notifications,
        ]
        assert SECRET not in str(everything)


async def test_its_sender_and_admins_may_delete_it_and_others_may_not(
    alice: User, bob: User, carol: User
) -> None:
    group = await alice.creates_group(bob, carol)
    message = await bob.sends(group)
    refused = await carol.delete(f"/v1/messages/{message['id']}")
    assert refused.status == HTTPStatus.FORBIDDEN
    async with bob.stream() as bobs:
        await alice.deletes(message)
        deleted = await bobs.told("message.deleted")
        assert deleted["data"]["deletedBy"] == alice.id


@pytest.mark.parametrize("replica", ["notifier-1", "notifier-2"])
async def test_from_the_answer_on_nobody_reads_it(
    alice: User, bob: User, stack: Stack, replica: str
) -> None:
    """Sent and deleted at once, and read by every way as soon as the deletion is answered: both
    facts are on their way then, and may share a batch."""
    group, url = await alice.creates_group(bob), stack.url_of(replica)
    await stack.settled()
    async with bob.stream(url=url) as bobs:
        start = bobs.cursor
    for number in range(ROUNDS):
        message = await alice.sends(group, f"{SECRET} {number}")
        await alice.deletes(message)
        poller = bob.poller(start)
        inbox, poll, replay = await asyncio.gather(
            bob.get(f"{url}/v1/notifications?limit=100"),
            poller.ask(),
            _replayed(bob, start, url, message),
        )
        assert SECRET not in str(inbox.body), "the inbox"
        assert SECRET not in str(poll), "a poll"
        assert SECRET not in str(replay), "a stream that catches up"
        for told in (inbox.body["notifications"], poll["notifications"], replay):
            about = [each["type"] for each in told if _is_about(each, message)]
            assert sorted(about) == ["message.deleted", "message.new"]


async def _replayed(reader: User, cursor: str | None, url: str, message: Json) -> list[Json]:
    """What a stream that comes back says, up to the deletion of the message."""
    async with reader.stream(cursor, url) as stream:
        await stream.told("message.deleted", messageId=message["id"])
        return stream.notifications


def _is_about(notification: Json, message: Json) -> bool:
    return bool(notification["data"].get("messageId") == message["id"])


async def test_a_message_deleted_at_once_leaks_nothing_to_who_comes_later(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    for number in range(20):
        await alice.deletes(await alice.sends(group, f"{SECRET} {number}"))
    await stack.settled()
    assert SECRET not in str(await bob.whole_inbox())
    async with bob.stream() as bobs:
        await bobs.told_times(20, "message.deleted")
        assert SECRET not in str(bobs.notifications)

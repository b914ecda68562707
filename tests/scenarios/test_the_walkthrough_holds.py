"""Every step of the walkthrough's testing guide, as it says it."""

from http import HTTPStatus

from tests.fixtures.stack import HEARTBEAT_SECONDS, Stack
from tests.fixtures.waiting import eventually
from tests.scenarios.people import User


async def test_a_stream_begins_with_connected_and_then_beats(alice: User) -> None:
    async with alice.stream() as stream:
        assert stream.connected["userId"] == alice.id
        assert isinstance(stream.connected["timestamp"], int)
        assert stream.connected["heartbeat"] == HEARTBEAT_SECONDS
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        assert stream.response.headers["Cache-Control"] == "no-cache, no-transform"
        assert stream.response.headers["X-Accel-Buffering"] == "no"
        heartbeat = await stream.next("heartbeat")
        assert heartbeat == {
            "timestamp": heartbeat["timestamp"],
            "cursor": stream.connected["cursor"],
        }
        assert heartbeat["timestamp"] > stream.connected["timestamp"]


async def test_a_poll_with_nothing_to_tell_answers_an_empty_list(alice: User) -> None:
    answer = await alice.poller().ask(hold=0)
    assert answer["notifications"] == []
    assert isinstance(answer["timestamp"], int)


async def test_a_message_is_received_and_its_sender_learns_of_it(alice: User, bob: User) -> None:
    group = await bob.creates_group(alice)
    async with alice.stream() as alices, bob.stream() as bobs:
        message = await bob.sends(group, "Are you there?")
        told = await alices.told("message.new")
        assert told["data"]["messageId"] == message["id"]

        receipt = await bobs.told("message.delivered")
        assert receipt["data"]["messageIds"] == [message["id"]]
        assert receipt["data"]["deliveredTo"] == [alice.id]
        assert (await bob.status_of(message))["deliveredTo"] == [alice.id]

        await alice.reads(message)
        receipt = await bobs.told("message.read")
        assert receipt["data"]["messageIds"] == [message["id"]]
        assert receipt["data"]["readerId"] == alice.id


async def test_a_poll_delivers_as_a_stream_does(alice: User, bob: User) -> None:
    group = await bob.creates_group(alice)
    await alice.poller().ask(hold=5)
    async with bob.stream() as bobs:
        message = await bob.sends(group)
        answer = await alice.poller().ask(hold=5)
        assert [told["type"] for told in answer["notifications"]] == ["message.new"]
        receipt = await bobs.told("message.delivered")
        assert receipt["data"]["messageIds"] == [message["id"]]
        assert (await alice.poller().ask())["notifications"] == []


async def test_who_is_put_into_a_new_group_is_invited(alice: User, bob: User) -> None:
    async with bob.stream() as bobs:
        body = {
            "name": "Test Group",
            "description": "Testing notifications",
            "memberIds": [bob.id],
        }
        answer = await alice.post("/v1/groups", body)
        assert answer.status == HTTPStatus.CREATED
        invite = await bobs.told("group.invite")
        assert invite["data"]["groupId"] == answer.body["id"]
        assert invite["data"]["invitedBy"] == alice.id


async def test_the_removed_and_those_who_remain_are_told(
    alice: User, bob: User, carol: User
) -> None:
    group = await alice.creates_group(bob, carol)
    async with bob.stream() as bobs, carol.stream() as carols:
        await alice.removes(group, bob)
        assert (await bobs.told("group.member_removed"))["data"]["userId"] == bob.id
        assert (await carols.told("group.member_removed"))["data"]["userId"] == bob.id


async def test_the_inbox_is_listed_counted_and_marked_as_read(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    for number in range(3):
        await alice.sends(group, f"Message {number}")
    await stack.settled()

    page = (await bob.get("/v1/notifications?page=1&limit=2")).body
    assert page["pagination"] == {"page": 1, "limit": 2, "total": 4, "pages": 2}
    contents = [notification["data"]["content"] for notification in page["notifications"]]
    assert contents == ["Message 2", "Message 1"]
    assert await bob.unread() == 4

    newest = page["notifications"][0]["id"]
    marked = (await bob.patch(f"/v1/notifications/{newest}/read")).body
    assert marked["notification"]["isRead"] is True
    assert isinstance(marked["message"], str)
    assert await bob.unread() == 3

    marked = (await bob.patch("/v1/notifications/read-all")).body
    assert marked["count"] == 3
    assert isinstance(marked["message"], str)
    assert await bob.unread() == 0
    assert await bob.inbox("&unread=true") == []

    assert (await bob.delete(f"/v1/notifications/{newest}")).status == HTTPStatus.OK
    assert newest not in [notification["id"] for notification in await bob.inbox()]


async def test_who_was_away_gets_on_the_first_stream_what_was_never_delivered(
    alice: User, bob: User
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group, "While you were away")

    async def stored() -> bool:
        return await bob.unread() == 2

    await eventually(stored)
    async with bob.stream() as bobs:
        assert bobs.connected["unread"] == 2
        await bobs.told("group.invite")
        await bobs.told("message.new", content="While you were away")

    async def delivered() -> bool:
        return all(notification["isDelivered"] for notification in await bob.inbox())

    await eventually(delivered)
    async with bob.stream() as again:
        await alice.sends(group, "Now")
        await again.told("message.new", content="Now")
        assert len(again.notifications) == 1

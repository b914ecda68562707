"""One list of promises, kept by streams and by long polls alike."""

import asyncio
from typing import Any

import pytest

from services.notifier.keys import STREAMS
from services.notifier.storage.catch_up import Slice
from shared.events.notifier import NotificationDelivered
from tests.builders import a_group, a_message_deleted, a_message_sent
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Start, Stored, Told
from tests.integration.notifier.following import Follow, by_polls, by_stream
from tests.integration.notifier.people import Notification, Reader


@pytest.fixture(params=[by_stream, by_polls])
def follow(request: pytest.FixtureRequest) -> Follow:
    way: Follow = request.param
    return way


def ids(notifications: list[Notification]) -> list[str]:
    return [notification["id"] for notification in notifications]


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


async def cursor_at(reader: Reader, seq: int) -> str:
    epoch = (await reader.poll()).body["cursor"].partition("-")[0]
    return f"{epoch}-{seq}"


async def test_what_waits_comes_oldest_first_and_then_what_happens(
    bob: Reader, follow: Follow, tell: Told, stored: Stored
) -> None:
    group = a_group()
    await tell(*(a_message_sent(group, seq) for seq in (1, 2, 3)))
    await stored("bob", 3)
    async with follow(bob) as client:
        assert ids(await client.take(3)) == numbers(1, 3)
        await tell(a_message_sent(group, 4))
        [live] = await client.take(1)
        assert (live["id"], live["data"]["seq"]) == ("4", 4)


async def test_what_comes_between_the_first_read_and_the_answer_is_not_missed(
    bob: Reader,
    notifier: Replica,
    follow: Follow,
    tell: Told,
    stored: Stored,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed, group = notifier.app[STREAMS].feed, a_group()
    await tell(a_message_sent(group, 1, to=("bob", "carol")))
    await stored("bob", 1)
    async with notifier.person("carol").listening() as witness:
        await witness.take(1)

        async def late(user_id: str, position: int | None) -> Slice:
            monkeypatch.undo()
            found = await feed.after(user_id, position)
            await tell(a_message_sent(group, 2, to=("bob", "carol")))
            # Now it was pushed, to carol's stream and to whoever else was there to hear it.
            await witness.take(1)
            return found

        monkeypatch.setattr(feed, "after", late)
        async with follow(bob, "0") as client:
            assert ids(await client.take(2)) == ["1", "2"]


async def test_notifications_look_the_same_everywhere(
    bob: Reader, follow: Follow, tell: Told, stored: Stored
) -> None:
    await tell(a_message_sent())
    await stored("bob", 1)
    [listed] = await bob.inbox()
    async with follow(bob) as client:
        assert await client.take(1) == [listed]


async def test_what_was_delivered_does_not_come_again_without_a_cursor(
    bob: Reader, follow: Follow, tell: Told
) -> None:
    await tell(a_message_sent())
    async with follow(bob) as client:
        await client.take(1)
    await tell(a_message_sent())
    async with follow(bob) as client:
        assert ids(await client.take(1)) == ["2"]


async def test_a_client_resumes_after_its_cursor(
    bob: Reader, follow: Follow, tell: Told, stored: Stored
) -> None:
    group = a_group()
    await tell(*(a_message_sent(group, seq) for seq in range(1, 6)))
    await stored("bob", 5)
    for cursor in (await cursor_at(bob, 2), "2"):
        async with follow(bob, cursor) as client:
            assert ids(await client.take(3)) == numbers(3, 5), cursor
            last = client.cursor
    await tell(a_message_sent(group, 6))
    async with follow(bob, last) as client:
        assert ids(await client.take(1)) == ["6"]


async def test_a_client_at_the_very_end_is_not_reset(
    bob: Reader, follow: Follow, tell: Told
) -> None:
    async with follow(bob, "0") as client:
        await tell(a_message_sent())
        assert ids(await client.take(1)) == ["1"]


async def test_a_client_whose_cursor_proves_nothing_must_reload_and_goes_on_from_there(
    notifier: Replica, follow: Follow, tell: Told, stored: Stored
) -> None:
    cursors = {
        "nonsense": "unreadable",
        "e-1": "unreadable",
        "-1": "unreadable",
        "e1-1": "unknown_epoch",
        "4": "beyond_end",
        "9" * 18: "beyond_end",
    }
    group, people = a_group(), [f"user-{number}" for number in range(len(cursors))]
    await tell(*(a_message_sent(group, seq, to=people) for seq in (1, 2, 3)))
    for person, (cursor, reason) in zip(people, cursors.items(), strict=True):
        await stored(person, 3)
        reader = notifier.person(person)
        async with follow(reader, cursor) as client:
            said = await client.reset()
            assert said.pop("cursor").endswith("-3")
            assert said == {"reason": reason, "unread": 3, "resyncUrl": "/v1/notifications"}
            assert all(entry["isDelivered"] for entry in await reader.inbox())
            await tell(a_message_sent(group, 4, to=[person]))
            assert ids(await client.take(1)) == ["4"]


async def test_a_client_too_far_behind_must_reload(
    start: Start, follow: Follow, tell: Told, stored: Stored
) -> None:
    bob = (await start(replay_limit=3)).person("bob")
    group = a_group()
    await tell(*(a_message_sent(group, seq) for seq in range(1, 6)))
    await stored("bob", 5)
    async with follow(bob, "1") as client:
        assert (await client.reset())["reason"] == "too_far_behind"
    async with follow(bob, "2") as client:
        assert ids(await client.take(3)) == numbers(3, 5)
    # What its owner deleted waits no longer.
    await bob.delete("/v1/notifications/3")
    async with follow(bob, "1") as client:
        assert ids(await client.take(3)) == ["2", "4", "5"]


async def test_a_client_behind_what_is_kept_must_reload(
    bob: Reader, follow: Follow, tell: Told, stored: Stored, database: Any
) -> None:
    await tell(a_message_sent(), a_message_sent(), a_message_sent())
    await stored("bob", 3)
    await database.execute("UPDATE mailboxes SET floor_seq = 2")
    async with follow(bob, "1") as client:
        assert (await client.reset())["reason"] == "expired"
    async with follow(bob, "2") as client:
        assert ids(await client.take(1)) == ["3"]


async def test_only_what_its_owner_deleted_is_missing_from_a_replay(
    bob: Reader, follow: Follow, tell: Told, stored: Stored
) -> None:
    group = a_group()
    await tell(*(a_message_sent(group, seq) for seq in range(1, 5)))
    await stored("bob", 4)
    for gone in ("2", "4"):
        await bob.delete(f"/v1/notifications/{gone}")
    async with follow(bob, "0") as client:
        assert ids(await client.take(2)) == ["1", "3"]
        await tell(a_message_sent(group, 5))
        assert ids(await client.take(1)) == ["5"]


async def test_the_content_of_a_deleted_message_is_not_replayed(
    bob: Reader, follow: Follow, tell: Told, stored: Stored
) -> None:
    sent = a_message_sent(content="a secret")
    await tell(sent, a_message_deleted(sent))
    await stored("bob", 2)
    async with follow(bob, "0") as client:
        message, deleted = await client.take(2)
    assert (message["message"], message["data"]["content"]) == ("", "")
    assert message["data"]["isDeleted"] is True
    assert (deleted["type"], deleted["data"]["deletedBy"]) == ("message.deleted", "alice")


async def test_chat_learns_what_was_delivered(
    bob: Reader, follow: Follow, tell: Told, broker: Broker
) -> None:
    group = a_group()
    async with broker.tapped("notifier.#") as tap:
        async with follow(bob) as client:
            await tell(a_message_sent(group, 1), a_message_sent(group, 2))
            await client.take(2)
        reached = 0
        while reached < 2:
            fact = (await tap.next()).fact
            assert isinstance(fact, NotificationDelivered)
            [delivery] = fact.deliveries
            assert (delivery.user_id, delivery.group_id) == ("bob", group.id)
            reached = delivery.up_to_seq
        assert all(entry["isDelivered"] for entry in await bob.inbox())


async def test_with_ack_by_the_client_only_its_word_counts(
    bob: Reader, follow: Follow, tell: Told, stored: Stored
) -> None:
    group = a_group()
    await tell(*(a_message_sent(group, seq) for seq in (1, 2, 3)))
    await stored("bob", 3)
    for _ in range(2):
        async with follow(bob, ack="client") as client:
            assert ids(await client.take(3)) == numbers(1, 3)
    assert not any(entry["isDelivered"] for entry in await bob.inbox())
    acknowledged = await bob.post("/v1/sse/ack", {"cursor": "1"})
    assert acknowledged.status == 200
    async with follow(bob, "2", ack="client") as client:
        assert ids(await client.take(1)) == ["3"]
    assert [entry["isDelivered"] for entry in await bob.inbox()] == [False, True, True]


async def test_a_client_that_reconnects_all_the_time_gets_each_message_once_in_order(
    notifier: Replica, follow: Follow, tell: Told
) -> None:
    group, count = a_group(), 200
    bob = notifier.person("bob")

    async def publish() -> None:
        for start in range(1, count, 20):
            await tell(*(a_message_sent(group, seq) for seq in range(start, start + 20)))

    publishing = asyncio.create_task(publish())
    got: list[str] = []
    cursor: str | None = "0"
    while len(got) < count:
        async with follow(bob, cursor) as client:
            got += ids(await client.take(min(7, count - len(got))))
            cursor = client.cursor
    await publishing
    assert got == numbers(1, count)


async def test_nobody_is_given_what_belongs_to_another(
    notifier: Replica, follow: Follow, tell: Told
) -> None:
    async with follow(notifier.person("carol")) as client:
        await tell(a_message_sent(to=("bob",)), a_message_sent(to=("carol",), content="for carol"))
        [given] = await client.take(1)
    assert (given["id"], given["message"]) == ("1", "for carol")


async def test_a_ticket_opens_it_without_a_header(
    bob: Reader, notifier: Replica, follow: Follow, tell: Told
) -> None:
    ticket = (await bob.post("/v1/sse/ticket")).body["ticket"]
    bare = notifier.person("bob")
    bare.headers = {}
    await tell(a_message_sent())
    for _ in range(2):
        async with follow(bare, "0", ticket=ticket) as client:
            assert ids(await client.take(1)) == ["1"]


async def test_who_does_not_say_who_they_are_is_refused(notifier: Replica) -> None:
    nobody = notifier.person("bob")
    nobody.headers = {}
    for path in ("/v1/sse/stream", "/v1/sse/poll"):
        assert (await nobody.get(path)).code == "token_missing"
        assert (await nobody.get(f"{path}?ticket=x")).code == "ticket_invalid"


async def test_a_bad_ack_mode_is_refused(bob: Reader) -> None:
    for path in ("/v1/sse/stream", "/v1/sse/poll"):
        answer = await bob.get(f"{path}?ack=server")
        assert (answer.status, answer.bad_fields) == (422, ["ack"])


async def test_nothing_is_held_for_clients_that_went_away(
    bob: Reader, notifier: Replica, follow: Follow, tell: Told
) -> None:
    async with follow(bob) as client:
        await tell(a_message_sent())
        await client.take(1)
    await eventually(lambda: notifier.streams == 0)

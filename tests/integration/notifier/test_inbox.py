"""The inbox: paging, filters, unread count, reading, deleting."""

from datetime import timedelta

import pytest

from services.notifier.inbox.batches import Batches
from services.notifier.inbox.screening import Screening
from services.notifier.keys import ERASING, MEMORY, OUTBOX, STREAMS
from services.notifier.storage import mailboxes
from shared.events.envelope import new_event
from shared.postgres.pool import Connection
from shared.web.app import DATABASE
from tests.builders import (
    a_group,
    a_group_deleted,
    a_message_deleted,
    a_message_read,
    a_message_sent,
)
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Stored, Told
from tests.integration.notifier.people import Reader


@pytest.fixture
async def three_messages(bob: Reader, tell: Told, stored: Stored) -> None:
    group = a_group()
    await tell(*(a_message_sent(group, seq, f"number {seq}") for seq in (1, 2, 3)))
    await stored("bob", 3)


@pytest.mark.usefixtures("three_messages")
async def test_what_was_told_is_listed_newest_first(bob: Reader) -> None:
    assert [entry["message"] for entry in await bob.inbox()] == ["number 3", "number 2", "number 1"]


@pytest.mark.usefixtures("three_messages")
async def test_pages_say_how_many_there_are_and_end_empty(bob: Reader) -> None:
    first = await bob.get("/v1/notifications?page=1&limit=2")
    second = await bob.get("/v1/notifications?page=2&limit=2")
    third = await bob.get("/v1/notifications?page=3&limit=2")
    assert [[n["id"] for n in page.body["notifications"]] for page in (first, second, third)] == [
        ["3", "2"],
        ["1"],
        [],
    ]
    assert second.body["pagination"] == {"page": 2, "limit": 2, "total": 3, "pages": 2}


@pytest.mark.usefixtures("three_messages")
async def test_what_a_page_counts_and_what_it_lists_are_of_one_moment(
    bob: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = mailboxes.totals

    async def counted_and_then_deleted(connection: Connection, user_id: str) -> tuple[int, int]:
        found = await count(connection, user_id)
        assert (await bob.delete("/v1/notifications/1")).status == 200
        return found

    monkeypatch.setattr(mailboxes, "totals", counted_and_then_deleted)
    answer = await bob.get("/v1/notifications")
    assert [entry["id"] for entry in answer.body["notifications"]] == ["3", "2", "1"]
    assert answer.body["pagination"]["total"] == 3


async def test_whoever_was_never_told_anything_has_an_empty_inbox(bob: Reader) -> None:
    answer = await bob.get("/v1/notifications")
    assert answer.body == {
        "notifications": [],
        "pagination": {"page": 1, "limit": 20, "total": 0, "pages": 0},
    }
    assert await bob.unread() == 0
    assert (await bob.patch("/v1/notifications/read-all")).body["count"] == 0


async def test_bad_parameters_are_all_named(bob: Reader) -> None:
    for query, bad in [
        ("page=0", ["page"]),
        ("limit=101", ["limit"]),
        ("limit=0&page=x", ["page", "limit"]),
        ("unread=1", ["unread"]),
        ("type=message.gone", ["type"]),
        ("unread=True&type=", ["unread", "type"]),
    ]:
        answer = await bob.get(f"/v1/notifications?{query}")
        assert (answer.status, answer.bad_fields) == (422, bad), query


async def test_nobody_sees_the_inbox_of_another(
    bob: Reader, alice: Reader, tell: Told, stored: Stored
) -> None:
    await tell(a_message_sent())
    await stored("bob", 1)
    assert await alice.inbox() == []
    assert (await alice.patch("/v1/notifications/1/read")).status == 404
    assert (await alice.delete("/v1/notifications/1")).status == 404


@pytest.mark.usefixtures("three_messages")
async def test_a_notification_that_was_read_no_longer_counts_as_unread(bob: Reader) -> None:
    for _ in range(2):
        answer = await bob.patch("/v1/notifications/2/read")
        assert (answer.status, answer.body["notification"]["isRead"]) == (200, True)
        assert answer.body["notification"]["id"] == "2"
    assert await bob.unread() == 2
    assert [entry["id"] for entry in await bob.inbox(unread="true")] == ["3", "1"]
    assert [entry["isRead"] for entry in await bob.inbox()] == [False, True, False]


@pytest.mark.usefixtures("three_messages")
async def test_read_all_reads_what_there_is_and_not_what_comes(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    await bob.patch("/v1/notifications/1/read")
    answer = await bob.patch("/v1/notifications/read-all")
    assert (answer.status, answer.body["count"]) == (200, 2)
    assert await bob.unread() == 0
    assert await bob.inbox(unread="true") == []
    await tell(a_message_sent())
    await stored("bob", 4)
    assert await bob.unread() == 1
    assert [entry["id"] for entry in await bob.inbox(unread="true")] == ["4"]
    await bob.patch("/v1/notifications/2/read")
    assert await bob.unread() == 1


@pytest.mark.usefixtures("three_messages")
async def test_deleting_takes_an_entry_off_the_list_and_the_counts(bob: Reader) -> None:
    await bob.patch("/v1/notifications/1/read")
    for gone in ("1", "3"):
        assert (await bob.delete(f"/v1/notifications/{gone}")).status == 200
    assert (await bob.delete("/v1/notifications/3")).code == "notification_not_found"
    assert (await bob.patch("/v1/notifications/3/read")).status == 404
    answer = await bob.get("/v1/notifications")
    assert [entry["id"] for entry in answer.body["notifications"]] == ["2"]
    assert answer.body["pagination"]["total"] == 1
    assert await bob.unread() == 1


@pytest.mark.usefixtures("three_messages")
async def test_deleting_after_read_all_leaves_the_unread_count_alone(bob: Reader) -> None:
    await bob.patch("/v1/notifications/read-all")
    await bob.delete("/v1/notifications/2")
    assert await bob.unread() == 0


@pytest.mark.usefixtures("three_messages")
async def test_ids_that_name_nothing_are_not_found(bob: Reader) -> None:
    for id_ in ("0", "01", "-1", "4", "x", "1.0", "9" * 19, "%31%20", "e1-1"):
        assert (await bob.patch(f"/v1/notifications/{id_}/read")).status == 404, id_
        assert (await bob.delete(f"/v1/notifications/{id_}")).status == 404, id_


async def test_the_type_filter_counts_and_lists_one_type(
    alice: Reader, tell: Told, stored: Stored
) -> None:
    group = a_group()
    await tell(
        a_message_sent(group, 1, sender="bob", to=("alice",)),
        a_message_read(group, "bob", "alice"),
        a_message_sent(group, 2, sender="bob", to=("alice",)),
    )
    await stored("alice", 3)
    answer = await alice.get("/v1/notifications?type=message.new&limit=1")
    assert [entry["id"] for entry in answer.body["notifications"]] == ["3"]
    assert answer.body["pagination"] == {"page": 1, "limit": 1, "total": 2, "pages": 2}
    await alice.patch("/v1/notifications/3/read")
    answer = await alice.get("/v1/notifications?type=message.new&unread=true")
    assert [entry["id"] for entry in answer.body["notifications"]] == ["1"]
    assert answer.body["pagination"]["total"] == 1
    assert await alice.inbox(type="message.read", unread="true") == []


async def test_receipts_and_what_one_did_oneself_do_not_move_the_badge(
    alice: Reader, bob: Reader, tell: Told, stored: Stored
) -> None:
    await tell(a_message_read(), a_group_deleted(by="alice", to=("alice", "bob")))
    await stored("alice", 2)
    await stored("bob", 1)
    assert [entry["isRead"] for entry in await alice.inbox()] == [True, True]
    assert await alice.unread() == 0
    assert await bob.unread() == 1


async def test_a_deleted_message_is_blank_in_the_inbox(
    alice: Reader, bob: Reader, tell: Told, stored: Stored
) -> None:
    sent = a_message_sent(content="a secret")
    await tell(sent)
    await stored("bob", 1)
    await tell(a_message_deleted(sent, to=("alice", "bob")))
    await stored("bob", 2)
    deleted, message = await bob.inbox()
    assert deleted["type"] == "message.deleted"
    assert (message["message"], message["data"]["content"]) == ("", "")
    assert message["data"]["metadata"] is None
    assert message["data"]["isDeleted"] is True
    assert message["data"]["messageId"] == str(sent.message.id)
    assert "a secret" not in str(await bob.inbox()) + str((await bob.poll("0")).body)


async def test_a_message_deleted_in_the_same_breath_is_blank_on_streams_as_well(
    bob: Reader, notifier: Replica
) -> None:
    sent = a_message_sent(content="a secret")
    app, streams = notifier.app, notifier.app[STREAMS]
    screening = Screening(app[DATABASE], app[OUTBOX], timedelta(days=90), app[MEMORY])
    asked = app[ERASING].asked
    batches = Batches(app[DATABASE], screening, asked, streams.hub, streams.live)
    async with bob.listening() as stream:
        push = await batches.handle([new_event(sent), new_event(a_message_deleted(sent))])
        await push()
        message, deleted = await stream.take(2)
    assert deleted["type"] == "message.deleted"
    assert (message["message"], message["data"]["content"]) == ("", "")
    assert message["data"]["isDeleted"] is True

    async def is_noted() -> bool:
        # What was written counts as delivered a little later.
        return await bob.inbox() == [{**entry, "isDelivered": True} for entry in (deleted, message)]

    await eventually(is_noted)

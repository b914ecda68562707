"""Chat has erased somebody: so does the notifier. Others keep their notifications, which name that
person no more."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notifier.storage import drift, people
from shared.erasures.book import Erasure
from shared.events.chat import PersonErasedFromChat
from shared.events.envelope import Event, decode
from shared.events.fact import Fact
from shared.events.notifier import PersonErasedFromNotifier
from shared.ids import uuid7
from shared.postgres.pool import OwnConnection
from tests.builders import (
    a_group,
    a_group_created,
    a_group_updated,
    a_member_added,
    a_member_left,
    a_member_removed,
    a_message_deleted,
    a_message_delivered,
    a_message_read,
    a_message_sent,
    a_role_changed,
)
from tests.fixtures.erasing import data_of, traces
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Send, Start, Stored, Told
from tests.integration.notifier.people import Reader

# Clients choose it, and may put a name in.
TRACE = "6d616c6c6f72792d3766336100000000"
# Her name is her id with a capital, as the builders call people.
MALLORY, NAME = "mallory-7f3a", "Mallory-7f3a"


def facts_about_her() -> list[Fact]:
    """Everything that names her, told to Bob."""
    group = a_group()
    sent = a_message_sent(group, content="a secret", sender=MALLORY, seq=1)
    return [
        a_group_created(group, by=MALLORY, invited=("bob",)),
        sent,
        a_message_deleted(a_message_sent(group, seq=2), by=MALLORY, to=("bob",)),
        a_message_delivered(group, to=(MALLORY, "carol"), sender="bob", seq=3),
        a_message_read(group, reader=MALLORY, sender="bob", seq=3),
        a_group_updated(group, by=MALLORY, to=("bob",)),
        a_member_removed(group, removed=MALLORY, by="alice", to=("bob",)),
        a_member_left(group, who=MALLORY, to=("bob",)),
        a_role_changed(group, member=MALLORY, by="alice", to=("bob",)),
        a_member_added(group, by=MALLORY, added=("bob",)),
    ]


def an_erasure(number: UUID | None = None) -> PersonErasedFromChat:
    """Of her."""
    return PersonErasedFromChat(erasure_id=number or uuid7(), user_id=MALLORY, erased={})


def of_before(fact: Fact, **ago: float) -> Event:
    """An event that happened so long ago."""
    return Event(uuid7(), fact.TYPE, datetime.now(UTC) - timedelta(**ago), fact)


async def finished(database: OwnConnection) -> None:
    """Wait until whoever was to be erased is."""
    done = "SELECT count(*) > 0 AND bool_and(finished_at IS NOT NULL) FROM erasures"

    async def now() -> bool:
        return bool(await database.fetchval(done))

    await eventually(now)


async def erased(database: OwnConnection, tell: Told, number: UUID | None = None) -> UUID:
    """Have the notifier erase her; the number of the erasure."""
    fact = an_erasure(number)
    await tell(fact)
    await finished(database)
    return fact.erasure_id


async def test_others_keep_their_notifications_without_the_person(
    bob: Reader, tell: Told, stored: Stored, database: OwnConnection
) -> None:
    facts = facts_about_her()
    await tell(*facts)
    await stored("bob", len(facts))
    before, unread = await bob.inbox(), await bob.unread()
    assert MALLORY in str(before)
    await erased(database, tell)
    after = await bob.inbox()
    assert [(entry["id"], entry["type"]) for entry in after] == [
        (entry["id"], entry["type"]) for entry in before
    ]
    assert await bob.unread() == unread
    [message] = [entry for entry in after if entry["type"] == "message.new"]
    assert message["title"] == "Deleted account in Climbing"
    assert message["data"]["isDeleted"] is True
    assert message["data"]["content"] == ""
    [receipt] = [entry for entry in after if entry["type"] == "message.delivered"]
    assert len(receipt["data"]["deliveredTo"]) == 2
    async with bob.listening("0") as stream:
        replayed = await stream.take(len(facts))
    for seen in (after, replayed, (await bob.poll("0")).body):
        for word in (MALLORY, NAME, "a secret"):
            assert word not in str(seen)


async def test_their_inbox_presence_and_streams_are_gone(
    notifier: Replica, tell: Told, stored: Stored, database: OwnConnection
) -> None:
    mallory = notifier.person(MALLORY)
    await tell(a_message_sent(to=(MALLORY,)), a_message_sent(seq=2, to=(MALLORY,)))
    await stored(MALLORY, 2)
    poll = asyncio.create_task(mallory.poll("2", timeout=60))
    async with mallory.listening() as stream:
        held = await data_of(notifier.client, MALLORY)
        assert [entry["id"] for entry in held["notifications"]] == ["1", "2"]
        number = await erased(database, tell)
        ended = await stream.rest()
        assert ended[-1].name == "closed"
        await poll
    [told] = [
        event.fact
        for row in await database.fetch("SELECT body FROM outbox ORDER BY id")
        if isinstance((event := decode(row["body"])).fact, PersonErasedFromNotifier)
    ]
    assert told.erasure_id == number
    assert told.erased["entries"] == 2
    held = await data_of(notifier.client, MALLORY)
    assert (held["notifications"], held["lastSeen"]) == ([], None)

    async def nothing_left() -> bool:
        return await traces(database, MALLORY) == []

    await eventually(nothing_left)


async def test_counters_are_right_between_the_batches_of_an_erasure(
    bob: Reader, tell: Told, stored: Stored, database: OwnConnection
) -> None:
    """Else the drift check alerts while somebody with a large inbox is erased."""
    await tell(a_message_sent(), a_message_sent())
    await stored("bob", 2)
    await bob.patch("/v1/notifications/read-all")
    await tell(a_message_sent(), a_message_sent())
    await stored("bob", 4)
    await bob.patch("/v1/notifications/3/read")
    now = datetime.now(UTC)
    for left in (3, 2, 1, 0):
        assert await people.delete_entries(database, Erasure(uuid7(), "bob", now, now), 1) == 1
        [counted] = await drift.sample(database, 1, 100)
        assert (counted.entries, counted.drifts) == (left, False)


async def test_facts_from_before_that_come_late_do_not_bring_them_back(
    bob: Reader, tell: Told, send: Send, stored: Stored, database: OwnConnection
) -> None:
    """A replay into an inbox that has forgotten, a parked event tried again: days later."""
    await erased(database, tell)
    facts = facts_about_her()
    await send([of_before(fact, days=2) for fact in facts])
    marker = a_message_sent(content="marker")
    await tell(marker)

    async def marked() -> bool:
        return any(entry["message"] == "marker" for entry in await bob.inbox())

    await eventually(marked)
    inbox = await bob.inbox()
    # What she sent is told nobody; all else without her.
    assert len(inbox) == len(facts)
    assert "message.new" not in [entry["type"] for entry in inbox[1:]]
    assert MALLORY not in str(inbox) and NAME not in str(inbox)
    assert await traces(database, MALLORY, NAME, "a secret") == []


@pytest.mark.usefixtures("notifier")
async def test_no_trace_of_what_they_did_is_kept(
    tell: Told, send: Send, stored: Stored, database: OwnConnection
) -> None:
    did = a_group_updated(by=MALLORY, to=("bob",))
    stored_before, late = (
        replace(of_before(did, days=2), traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
        for _ in range(2)
    )
    await send([stored_before])
    await stored("bob", 1)
    assert len(await traces(database, TRACE)) == 1
    await erased(database, tell)
    await send([late])
    await stored("bob", 2)
    assert await traces(database, TRACE) == []


async def test_who_comes_back_later_is_told_of_as_anybody(
    bob: Reader, tell: Told, send: Send, stored: Stored, database: OwnConnection
) -> None:
    # Facts that are on their way, for a minute, count as from before.
    await send([of_before(an_erasure(), minutes=2)])
    await finished(database)
    await tell(a_message_sent(sender=MALLORY, to=("bob",)))
    await stored("bob", 1)
    [entry] = await bob.inbox()
    assert entry["data"]["senderId"] == MALLORY
    await tell(a_message_sent(to=(MALLORY,)))
    await stored(MALLORY, 1)


async def test_an_erasure_that_is_heard_of_late_leaves_what_came_since(
    bob: Reader, notifier: Replica, send: Send, stored: Stored, database: OwnConnection
) -> None:
    """The notifier was away for hours; all of it waits in the queue."""
    group, mallory = a_group(), notifier.person(MALLORY)
    await send(
        [
            of_before(a_message_sent(group, 1, "a secret", sender=MALLORY), hours=5),
            of_before(a_message_sent(group, 2, "for who is gone", to=(MALLORY,)), hours=5),
            of_before(an_erasure(), hours=4),
            of_before(a_message_sent(group, 3, "I am back", sender=MALLORY), hours=3),
            of_before(a_message_sent(group, 4, "welcome", to=(MALLORY,)), hours=3),
        ]
    )
    await stored("bob", 2)
    await finished(database)
    back, before = await bob.inbox()
    assert (back["message"], back["data"]["senderId"]) == ("I am back", MALLORY)
    assert before["message"] == "" and MALLORY not in str(before)

    async def welcomed() -> bool:
        return [entry["message"] for entry in await mallory.inbox()] == ["welcome"]

    await eventually(welcomed)
    assert await mallory.unread() == 1


async def test_an_erasure_is_heard_however_old_it_is(
    start: Start, send: Send, database: OwnConnection
) -> None:
    """The notifier was away for a weekend, and keeps notifications for a day."""
    replica = await start(notifications_kept_days=1)
    await replica.person(MALLORY).poll()

    async def was_seen() -> bool:
        return (await data_of(replica.client, MALLORY))["lastSeen"] is not None

    await eventually(was_seen)
    await send([of_before(an_erasure(), days=3)])
    await finished(database)
    assert not await was_seen()


async def test_a_group_called_like_their_id_keeps_its_name(
    bob: Reader, tell: Told, stored: Stored, database: OwnConnection
) -> None:
    group = a_group(name=MALLORY)
    await tell(a_message_sent(group, content=MALLORY, sender="alice"))
    await stored("bob", 1)
    await erased(database, tell)
    [entry] = await bob.inbox()
    assert entry["data"]["groupName"] == entry["data"]["content"] == MALLORY


async def test_another_replica_takes_over_what_one_left_unfinished(
    start: Start, tell: Told, database: OwnConnection, environment: dict[str, str]
) -> None:
    first = await start()
    await tell(a_message_sent(sender=MALLORY, to=("bob",)))
    await first.stop()
    number = uuid7()
    await tell(an_erasure(number))
    second, _ = await start(), await start()
    await erased(database, tell, number)
    assert MALLORY not in str(await second.person("bob").inbox())
    count = "SELECT count(*) FROM outbox WHERE type = 'notifier.person.erased.v1'"
    assert await database.fetchval(count) == 1

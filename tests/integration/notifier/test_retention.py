"""Notifications go when they were kept long enough: in order, from all counters, and never so that
a client misses one without a word."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.notifier import retention
from services.notifier.retention import Notifications
from services.notifier.settings import Settings
from shared.events.envelope import Event, new_event
from shared.ids import uuid7
from shared.postgres.pool import OwnConnection
from shared.retention import LOCK, Retention
from shared.supervision import Health
from tests.builders import a_message_sent
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Send, Start, Stored, Told
from tests.integration.notifier.people import Reader

KEPT = timedelta(days=90)


async def age(database: OwnConnection, days: float, up_to: int) -> None:
    """Have all events up to the one behind this entry of Bob's be stored `days` ago."""
    await database.execute(
        "UPDATE events SET stored_at = now() - make_interval(hours => $1) WHERE key <= ("
        " SELECT e.event_key FROM entries e JOIN mailboxes m ON m.id = e.mailbox_id"
        " WHERE m.user_id = 'bob' AND e.seq = $2)",
        round(days * 24),
        up_to,
    )


async def sweep(environment: dict[str, str]) -> None:
    """What a replica does when it starts, and every minute."""
    sweeps = {"notifications": Notifications(KEPT).sweep}
    await Retention(environment["database_url"], sweeps, 60.0, Health()).sweep()


Outlived = Callable[[float, int], Awaitable[None]]


@pytest.fixture
def outlived(database: OwnConnection, environment: dict[str, str]) -> Outlived:
    """Has events become old, as `age` says, and a sweep come by."""

    async def outlived(days: float, up_to: int) -> None:
        await age(database, days, up_to)
        await sweep(environment)

    return outlived


async def test_what_is_old_is_gone_and_the_counters_stay_right(
    bob: Reader,
    tell: Told,
    stored: Stored,
    database: OwnConnection,
    outlived: Outlived,
) -> None:
    await tell(*(a_message_sent(seq=seq) for seq in range(1, 7)))
    await stored("bob", 6)
    await bob.patch("/v1/notifications/2/read")
    await bob.delete("/v1/notifications/3")
    await outlived(92, 4)
    page = (await bob.get("/v1/notifications")).body
    assert [entry["id"] for entry in page["notifications"]] == ["6", "5"]
    assert page["pagination"]["total"] == 2
    assert await bob.unread() == 2
    assert len(await bob.inbox(unread="true")) == 2
    assert await database.fetchval("SELECT floor_seq FROM mailboxes WHERE user_id = 'bob'") == 4
    assert await database.fetchval("SELECT count(*) FROM events") == 2


async def test_what_was_read_all_at_once_is_not_counted_twice(
    bob: Reader,
    tell: Told,
    stored: Stored,
    outlived: Outlived,
) -> None:
    await tell(a_message_sent(seq=1), a_message_sent(seq=2))
    await stored("bob", 2)
    await bob.patch("/v1/notifications/read-all")
    await tell(a_message_sent(seq=3))
    await stored("bob", 3)
    await outlived(92, 2)
    assert await bob.unread() == 1
    assert [entry["id"] for entry in await bob.inbox()] == ["3"]


async def test_a_cursor_below_what_is_kept_is_told_to_reload(
    bob: Reader,
    tell: Told,
    stored: Stored,
    outlived: Outlived,
) -> None:
    await tell(*(a_message_sent(seq=seq) for seq in range(1, 5)))
    await stored("bob", 4)
    await outlived(92, 2)
    async with bob.stream("1") as stream:
        await stream.next()
        reset = await stream.next()
        assert (reset.name, reset.json["reason"]) == ("reset", "expired")
    async with bob.listening("2") as stream:
        assert [entry["id"] for entry in await stream.take(2)] == ["3", "4"]
    assert (await bob.poll(after="1")).body["reset"]["reason"] == "expired"


async def test_nobody_is_told_of_it_again_when_the_log_brings_it_back(
    bob: Reader,
    notifier: Replica,
    send: Send,
    stored: Stored,
    database: OwnConnection,
    environment: dict[str, str],
) -> None:
    recent = new_event(a_message_sent(seq=2))
    old = Event(uuid7(), recent.type, recent.time - timedelta(days=91), a_message_sent(seq=1))
    await send([old, recent])
    await stored("bob", 1)
    [entry] = await bob.inbox()
    assert entry["eventId"] == str(recent.id)


async def test_more_than_a_batch_goes_in_as_many_transactions_as_it_takes(
    bob: Reader,
    tell: Told,
    stored: Stored,
    database: OwnConnection,
    monkeypatch: pytest.MonkeyPatch,
    outlived: Outlived,
) -> None:
    for name in ("EVENTS", "MAILBOXES", "ENTRIES"):
        monkeypatch.setattr(retention, name, 2)
    monkeypatch.setattr(retention, "MAILBOXES_WALKED", 3)
    people = [f"user-{number}" for number in range(7)]
    await tell(*(a_message_sent(seq=seq, to=["bob", *people]) for seq in range(1, 8)))
    await stored("bob", 7)
    await outlived(92, 5)
    rows = await database.fetch("SELECT floor_seq, total, unread FROM mailboxes")
    assert {tuple(row) for row in rows} == {(5, 2, 2)}
    assert await database.fetchval("SELECT count(*) FROM entries") == 2 * len(rows)
    assert await database.fetchval("SELECT count(*) FROM events") == 2


async def test_an_event_stays_as_long_as_an_entry_could_refer_to_it(
    bob: Reader,
    tell: Told,
    stored: Stored,
    database: OwnConnection,
    outlived: Outlived,
) -> None:
    """Transactions side by side may give keys in another order than positions."""
    await tell(a_message_sent(seq=1), a_message_sent(seq=2))
    await stored("bob", 2)
    await database.execute(
        "UPDATE entries SET event_key = (SELECT sum(event_key) FROM entries) - event_key"
    )
    await outlived(90.5, 2)
    assert len(await bob.inbox()) == 2, "the first one is not old, and none is a hole"


async def test_another_replica_at_it_is_left_alone(
    bob: Reader,
    tell: Told,
    stored: Stored,
    database: OwnConnection,
    environment: dict[str, str],
) -> None:
    await tell(a_message_sent())
    await stored("bob", 1)
    await age(database, 92, 1)
    await database.execute("SELECT pg_advisory_lock($1)", LOCK)
    await sweep(environment)
    assert len(await bob.inbox()) == 1
    await database.execute("SELECT pg_advisory_unlock($1)", LOCK)
    await sweep(environment)
    assert await bob.inbox() == []


async def test_a_replica_sweeps_by_itself(
    start: Start, tell: Told, stored: Stored, database: OwnConnection
) -> None:
    first = await start()
    await tell(a_message_sent(seq=1), a_message_sent(seq=2))
    await stored("bob", 2)
    await age(database, 31, 1)
    await first.stop()
    second = await start(notifications_kept_days=30)
    bob = second.person("bob")

    async def one_left() -> bool:
        return len(await bob.inbox()) == 1

    await eventually(one_left)
    async with second.client.get("/metrics") as answer:
        assert 'circles_retention_removed_total{what="notifications"}' in await answer.text()


def test_a_kept_time_of_nothing_is_refused_at_the_start(environment: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="notifications_kept_days"):
        Settings.model_validate(environment | {"notifications_kept_days": 0})

"""What chat removes for its age, and what it must not forget."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.chat import retention
from services.chat.retention import HandledEvents, messages
from shared.events.envelope import Event, new_event
from shared.ids import uuid7
from shared.retention import Retention, Sweep
from shared.supervision import Health
from tests.builders import a_group_created
from tests.fixtures.rabbitmq import Broker, made_broker
from tests.fixtures.servers import RUN
from tests.fixtures.waiting import eventually
from tests.integration.chat.conftest import Member, World, started_chat

_HANDLED_DAYS_AGO = """
INSERT INTO handled_events
SELECT gen_random_uuid(), now() - age * interval '1 day' FROM unnest(ARRAY[0, 6, 9, 30]) AS age
"""


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    """A broker of the test's own: its log holds nothing of other tests."""
    async with made_broker(f"{RUN}_{uuid4().hex[:6]}") as made:
        yield made


async def run(environment: dict[str, str], sweep: Sweep) -> None:
    await Retention(environment["database_url"], {"what": sweep}, 60.0, Health()).sweep()


async def swept(environment: dict[str, str], world: World) -> set[int]:
    """How many days old the ids of handled events are, once those of a month ago are forgotten: a
    sweep that can't see in time where the log begins forgets nothing, and the next looks again."""
    sweep = HandledEvents(environment["amqp_url"]).sweep
    left: set[int] = set()

    async def are_forgotten() -> bool:
        nonlocal left
        await run(environment, sweep)
        rows = await world.database.fetch(
            "SELECT extract(day FROM now() - handled_at)::int AS days FROM handled_events"
        )
        left = {row["days"] for row in rows}
        return 30 not in left

    await eventually(are_forgotten, seconds=60.0)
    return left


async def age(world: World, group: str, days: int, up_to: int) -> None:
    await world.database.execute(
        "UPDATE messages SET created_at = created_at - make_interval(days => $3)"
        " WHERE group_id = $1::text::uuid AND seq <= $2",
        group,
        up_to,
        days,
    )


async def test_an_event_that_the_log_still_holds_is_not_forgotten(
    chat_environment: dict[str, str], world: World
) -> None:
    """A quiet log reaches back further than a week: the broker drops it by whole segments."""
    old = datetime.now(UTC) - timedelta(days=20)
    await world.publish("groups", Event(uuid7(), "groups.group.created.v1", old, a_group_created()))
    await world.database.execute("DELETE FROM handled_events")
    await world.database.execute(_HANDLED_DAYS_AGO)
    assert await swept(chat_environment, world) >= {6, 9}


async def test_events_that_can_not_come_again_are_forgotten(
    chat_environment: dict[str, str], world: World
) -> None:
    await world.publish("groups", new_event(a_group_created()))
    await world.database.execute(_HANDLED_DAYS_AGO)
    assert await swept(chat_environment, world) == {0, 6}


async def test_nothing_is_forgotten_while_the_log_can_not_be_asked(
    chat_environment: dict[str, str], world: World
) -> None:
    await world.database.execute(_HANDLED_DAYS_AGO)
    # Nobody listens on port 1.
    await run(chat_environment, HandledEvents("amqp://chat:x@127.0.0.1:1/").sweep)
    assert await world.database.fetchval("SELECT count(*) FROM handled_events") >= 4


async def test_messages_are_kept_for_ever_unless_somebody_says_otherwise(
    chat_environment: dict[str, str], world: World, alice: Member
) -> None:
    group = await alice.creates_group()
    await alice.sends(group)
    await age(world, group, 4000, 2)
    async with started_chat({**chat_environment, "retention_every_seconds": "0.1"}) as replica:

        async def swept() -> bool:
            async with replica.get("/metrics") as answer:
                return 'finished_seconds{what="erasures"}' in await answer.text()

        await eventually(swept)
    assert len(await alice.history(group)) == 2


async def test_the_history_begins_later_and_has_no_holes(
    chat_environment: dict[str, str], world: World, alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    sent = [await alice.sends(group, f"message {number}") for number in range(1, 7)]
    # The system message is number 1.
    await age(world, group, 31, 4)
    await run(chat_environment, messages(timedelta(days=30)))
    page = (await bob.get(f"/v1/groups/{group}/messages?limit=2")).body
    assert [message["seq"] for message in page["messages"]] == [6, 7]
    assert page["pagination"]["total"] == 3
    assert [m["seq"] for m in await bob.history(group, "page=2&limit=2")] == [5]
    assert await bob.history(group, "page=3&limit=2") == []
    slice_ = (await bob.get(f"/v1/groups/{group}/messages?before=7&limit=5")).body
    assert ([m["seq"] for m in slice_["messages"]], slice_["hasMore"]) == ([5, 6], False)
    slice_ = (await bob.get(f"/v1/groups/{group}/messages?after=0&limit=2")).body
    assert ([m["seq"] for m in slice_["messages"]], slice_["hasMore"]) == ([5, 6], True)
    assert (await bob.get(f"/v1/messages/{sent[0]['id']}")).status == 404
    assert (await bob.post(f"/v1/messages/{sent[0]['id']}/read")).status == 404
    assert (await bob.conversation(group))["unreadCount"] == 3
    again = await alice.sends(group, "new")
    assert again["seq"] == 8
    assert await bob.reads(again) == 8
    assert (await bob.conversation(group))["unreadCount"] == 0


async def test_a_group_whose_messages_are_all_gone_goes_on(
    chat_environment: dict[str, str],
    world: World,
    alice: Member,
    bob: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "MESSAGES", 2)
    monkeypatch.setattr(retention, "GROUPS", 1)
    quiet, busy = await alice.creates_group(bob), await alice.creates_group(bob)
    for group in (quiet, busy):
        for number in range(4):
            await alice.sends(group, f"message {number}")
        await age(world, group, 31, 5)
    await alice.sends(busy, "today")
    await run(chat_environment, messages(timedelta(days=30)))
    assert await bob.history(quiet) == []
    conversation = await bob.conversation(quiet)
    assert (conversation["lastMessage"], conversation["unreadCount"]) == (None, 0)
    assert [message["content"] for message in await bob.history(busy)] == ["today"]
    assert (await alice.sends(quiet, "again"))["seq"] == 6


async def test_a_client_id_is_free_again_once_its_message_is_gone(
    chat_environment: dict[str, str], world: World, alice: Member
) -> None:
    group = await alice.creates_group()
    first = await alice.sends(group, "one", clientMessageId="x")
    await age(world, group, 31, 2)
    await run(chat_environment, messages(timedelta(days=30)))
    second = await alice.sends(group, "two", clientMessageId="x")
    assert second["id"] != first["id"]

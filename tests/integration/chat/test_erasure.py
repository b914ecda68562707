"""Groups has erased somebody: so does chat, and tells the notifier. What others wrote, and how many
have received it, stays."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.events.chat import PersonErasedFromChat
from shared.events.envelope import Event, new_event
from shared.events.groups import PersonErasedFromGroups
from shared.events.notifier import PersonErasedFromNotifier
from shared.ids import uuid7
from tests.builders import a_group_created
from tests.fixtures.erasing import ask_to_erase, data_of, report, traces
from tests.fixtures.waiting import eventually
from tests.integration.chat.conftest import Facts, Member, World

MALLORY, NAME = "mallory@example.com", "Mallory Malicious"


async def erased(world: World) -> str:
    """Have groups and chat erase Mallory; the number of the erasure."""
    number = await ask_to_erase(world.groups, MALLORY)

    async def both() -> bool:
        services = (await report(world.chat, number))["services"]
        return bool(services["groups"] and services["chat"])

    await eventually(both)
    return number


async def test_what_they_sent_is_blank_and_what_others_sent_is_not(
    world: World, alice: Member, bob: Member
) -> None:
    mallory = world.person(MALLORY, NAME)
    group = await alice.creates_group(bob, mallory)
    hers = await alice.sends(group, "from alice")
    await mallory.sends(group, "a secret", metadata={"x": "y"}, clientMessageId="my-id")
    await erased(world)
    history = await bob.history(group)
    [blank] = [message for message in history if message["seq"] == 3]
    assert (blank["content"], blank["isDeleted"], blank["metadata"]) == ("", True, None)
    assert blank["senderName"] == "Deleted account"
    assert blank["clientMessageId"] is None
    assert hers["content"] in [message["content"] for message in history]
    assert MALLORY not in str(history) and NAME not in str(history)
    assert "Deleted account left" in [message["content"] for message in history]


async def test_receipts_of_others_count_as_before(world: World, alice: Member, bob: Member) -> None:
    mallory = world.person(MALLORY, NAME)
    group = await alice.creates_group(bob, mallory)
    message = await alice.sends(group)
    await mallory.reads(message)
    before = await alice.status_of(message)
    await erased(world)
    after = await alice.status_of(message)
    for number in ("total", "delivered", "read"):
        assert after[number] == before[number] == (2 if number == "total" else 1)
    assert MALLORY not in str(after)


async def test_no_table_names_them_any_more(world: World, alice: Member, facts: Facts) -> None:
    mallory = world.person(MALLORY, NAME)
    group = await mallory.creates_group(alice)
    await mallory.sends(group, "a secret")
    dm = await alice.opens_dm(mallory)
    await mallory.sends(dm, "another secret")
    await mallory.reads(await alice.sends(dm, "hello"))
    # Added and removed: notices of what others did speak of them too.
    other = await alice.creates_group()
    await alice.adds(other, mallory)
    await alice.removes(other, mallory)
    await world.handled()
    held = await data_of(world.chat, MALLORY)
    assert held["name"] == NAME
    assert {message["content"] for message in held["messages"]} == {"a secret", "another secret"}
    assert len(held["memberships"]) == 3
    await erased(world)
    [told] = await facts.of(PersonErasedFromChat)
    assert told.user_id == MALLORY
    assert told.erased["messages"] == 2

    async def published() -> bool:
        unpublished = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        return not await world.database.fetchval(unpublished)

    await eventually(published)
    await world.database.execute("DELETE FROM outbox WHERE type = 'chat.person.erased.v1'")
    assert await traces(world.database, MALLORY, NAME, "secret") == []
    assert (await alice.conversation(dm))["group"]["name"] == "Deleted account"
    held = await data_of(world.chat, MALLORY)
    assert (held["name"], held["messages"], held["memberships"]) == (None, [], [])


async def test_a_fact_from_before_that_comes_late_does_not_bring_them_back(
    world: World, alice: Member
) -> None:
    """A parked event that is tried again, or a log that reaches back further than chat's memory of
    what it has handled."""
    await erased(world)
    late = a_group_created(by=MALLORY, invited=("alice", "bob"))
    named = late.actor.model_copy(update={"name": NAME})
    late = late.model_copy(update={"actor": named})
    before = datetime.now(UTC) - timedelta(days=1)
    await world.publish("groups", Event(uuid7(), late.TYPE, before, late))
    await world.handled()
    assert await traces(world.database, NAME) == []
    left = [row for row in await traces(world.database, MALLORY) if not row.startswith("outbox")]
    assert left == []
    [notice] = await alice.history(str(late.group.id))
    assert notice["content"] == "Deleted account created the group"


async def test_who_comes_back_later_is_somebody_new(
    world: World, alice: Member, facts: Facts
) -> None:
    fact = PersonErasedFromGroups(erasure_id=uuid7(), user_id=MALLORY, erased={})
    # Facts that are on their way, for a minute, count as from before.
    said_at = datetime.now(UTC) - timedelta(minutes=2)
    await world.publish("groups", Event(uuid7(), fact.TYPE, said_at, fact))
    await facts.eventually(1, PersonErasedFromChat)
    mallory = world.person(MALLORY, "Reformed")
    group = await mallory.creates_group(alice)
    await mallory.sends(group, "I am back")
    history = await alice.history(group)
    assert [message["senderName"] for message in history] == ["Reformed", "Reformed"]


async def test_the_report_is_complete_once_the_notifier_has_answered(world: World) -> None:
    number = await erased(world)
    assert (await report(world.chat, number))["isComplete"] is False
    answer = new_event(PersonErasedFromNotifier(erasure_id=UUID(number), erased={"entries": 3}))
    # What comes twice, or later with other numbers, changes nothing.
    again = new_event(PersonErasedFromNotifier(erasure_id=UUID(number), erased={}))
    await world.publish("notifier", answer, answer, again)

    async def complete() -> bool:
        return bool((await report(world.chat, number))["isComplete"])

    await eventually(complete)
    services = (await report(world.chat, number))["services"]
    assert services["notifier"]["erased"] == {"entries": 3}
    assert list(services) == ["groups", "chat", "notifier"]


async def test_being_told_twice_erases_once(world: World, facts: Facts) -> None:
    fact = PersonErasedFromGroups(erasure_id=uuid7(), user_id=MALLORY, erased={})
    await world.publish("groups", new_event(fact), new_event(fact))
    await facts.eventually(1, PersonErasedFromChat)
    await world.publish("groups", new_event(fact))
    await world.handled()
    assert len(await facts.of(PersonErasedFromChat)) == 1

"""Receipts in groups small enough to name people."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from shared.events.chat import MessageDelivered, MessageRead
from shared.events.envelope import new_event
from shared.events.notifier import Delivery, NotificationDelivered
from tests.fixtures.waiting import eventually
from tests.integration.chat.conftest import Facts, Member, World, started_chat


@asynccontextmanager
async def someone_at_work_on_windows(world: World, group: str) -> AsyncIterator[None]:
    """What the senders of this group are to be told later waits for the end of the block."""
    async with world.database.transaction():
        await world.database.execute(
            "SELECT FROM receipt_windows WHERE group_id = $1 FOR UPDATE", UUID(group)
        )
        yield


async def test_the_sender_is_told_that_a_message_reached_someone(
    world: World, alice: Member, bob: Member, carol: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob, carol)
    message = await alice.sends(group)
    await world.deliver(group, 2, bob)
    [fact] = await facts.eventually(1, MessageDelivered)
    assert fact.audience == ("alice",)
    assert fact.sender_id == "alice"
    assert [str(i) for i in fact.message_ids] == [message["id"]]
    assert (fact.up_to_seq, fact.total, fact.delivered_to) == (2, 2, ("bob",))
    assert [(r.user_id, r.up_to_seq) for r in fact.receipts] == [("bob", 2)]
    assert fact.delivered_count is None
    assert await alice.status_of(message) == {
        "total": 2,
        "delivered": 1,
        "read": 0,
        "deliveredTo": ["bob"],
        "readBy": [],
    }
    assert (await alice.history(group))[-1]["status"] == {"total": 2, "delivered": 1, "read": 0}


async def test_what_was_delivered_twice_or_backwards_is_told_once(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group)
    message = await alice.sends(group)
    for up_to in (3, 3, 2, 1):
        await world.deliver(group, up_to, bob)
    await world.deliver("019ab0f4-0000-7000-8000-000000000000", 5, bob)
    await world.deliver(group, 3, "stranger")
    await world.deliver(group, 1000, alice)
    await world.handled()
    told = await facts.eventually(1, MessageDelivered)
    assert [(f.up_to_seq, f.delivered_to) for f in told] == [(3, ("bob",))]
    assert len(told[0].message_ids) == 2
    assert (await alice.status_of(message))["deliveredTo"] == ["bob"]


async def test_delivery_never_runs_ahead_of_what_was_sent(
    world: World, alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group)
    await world.deliver(group, 1000, bob)
    await world.handled()
    later = await alice.sends(group)
    assert (await alice.status_of(later))["delivered"] == 0


async def test_reading_marks_all_before_it_and_names_the_reader(
    alice: Member, bob: Member, carol: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob, carol)
    first, second = await alice.sends(group), await alice.sends(group)
    third = await carol.sends(group)
    answer = await bob.post(f"/v1/messages/{third['id']}/read")
    assert answer.body == {"groupId": group, "readSeq": 4}
    told = [f for f in await facts.of(MessageRead) if f.reader.user_id == "bob"]
    assert [(f.audience, f.up_to_seq, f.total) for f in told] == [
        (("alice",), 3, 2),
        (("carol",), 4, 2),
    ]
    assert [str(i) for i in told[0].message_ids] == [first["id"], second["id"]]
    assert [str(i) for i in told[1].message_ids] == [third["id"]]
    assert (told[0].reader.name, told[0].read_count) == ("Bob", None)
    delivered = await facts.eventually(2, MessageDelivered)
    assert ("alice", ("bob",)) in [(f.sender_id, f.delivered_to) for f in delivered]
    status = await alice.status_of(second)
    assert (status["readBy"], status["deliveredTo"]) == (["bob", "carol"], ["bob", "carol"])


async def test_what_was_not_told_yet_as_delivered_is_told_with_what_is_read(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group)
    await alice.sends(group)
    last = await alice.sends(group)
    await world.deliver(group, 2, bob)
    await facts.eventually(1, MessageDelivered)

    async def is_noted() -> bool:
        return bool(await world.database.fetchval("SELECT EXISTS (SELECT FROM pending_receipts)"))

    async with someone_at_work_on_windows(world, group):
        await world.deliver(group, 3, bob)
        await eventually(is_noted)
        await bob.reads(last)
        told = await facts.eventually(2, MessageDelivered)
        assert [(fact.up_to_seq, len(fact.message_ids)) for fact in told] == [(2, 1), (4, 2)]
        assert len(await facts.of(MessageRead)) == 1
    await alice.sends(group)
    await world.deliver(group, 5, bob)
    told = await facts.eventually(3, MessageDelivered)
    assert [fact.up_to_seq for fact in told] == [2, 4, 5]


async def test_what_was_read_by_an_answer_is_told_with_what_is_read_next(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group)
    await bob.sends(group)
    await facts.eventually(1, MessageRead)
    async with someone_at_work_on_windows(world, group):
        await alice.sends(group)
        await bob.sends(group)
        last = await alice.sends(group)
        await bob.reads(last)
        told = await facts.of(MessageRead)
        assert [(fact.up_to_seq, len(fact.message_ids)) for fact in told] == [(2, 1), (6, 2)]
        types = [event.type for event in await facts.events()]
        assert types[-2:] == ["chat.message.delivered.v1", "chat.message.read.v1"]
    await alice.sends(group)
    await bob.sends(group)

    async def told_alice() -> list[int]:
        return [fact.up_to_seq for fact in await facts.of(MessageRead) if fact.sender_id == "alice"]

    async def is_told() -> bool:
        return (await told_alice())[-1] == 7

    await eventually(is_told)
    assert await told_alice() == [2, 6, 7]


async def test_reading_never_moves_back(alice: Member, bob: Member, facts: Facts) -> None:
    group = await alice.creates_group(bob)
    first, second = await alice.sends(group), await alice.sends(group)
    assert await bob.reads(second) == 3
    assert await bob.reads(first) == 3
    assert await bob.reads(second) == 3
    assert len(await facts.of(MessageRead)) == 1


async def test_one_who_reads_on_many_devices_at_once_is_told_of_once(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    messages = [await alice.sends(group) for _ in range(10)]
    reads = asyncio.gather(*(bob.reads(message) for message in messages))
    for message in messages:
        await world.deliver(group, message["seq"], bob)
    assert max(await reads) == 11
    await world.handled()

    async def all_told() -> bool:
        return len(await told_ids(facts)) >= 10

    await eventually(all_told)
    told = await facts.of(MessageRead)
    assert sorted(str(i) for f in told for i in f.message_ids) == sorted(m["id"] for m in messages)
    assert sorted(await told_ids(facts)) == sorted(set(await told_ids(facts)))
    assert (await alice.status_of(messages[-1]))["readBy"] == ["bob"]


async def test_what_was_delivered_is_read_without_being_told_as_delivered_again(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    await world.deliver(group, 2, bob)
    await facts.eventually(1, MessageDelivered)
    await bob.reads(message)
    await world.handled()
    types = [event.type for event in await facts.events()]
    assert types[-2:] == ["chat.message.delivered.v1", "chat.message.read.v1"]
    assert types.count("chat.message.delivered.v1") == 1


async def test_sending_reads_what_came_before_and_its_senders_are_told(
    alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    question = await alice.sends(group, "how are you?")
    await bob.sends(group, "fine")
    [read] = await facts.eventually(1, MessageRead)
    assert (read.reader.user_id, read.sender_id, read.up_to_seq) == ("bob", "alice", 2)
    assert (await alice.status_of(question))["readBy"] == ["bob"]
    assert (await bob.conversation(group))["unreadCount"] == 0
    # Going on alone passes nobody else's messages.
    await bob.sends(group)
    await asyncio.sleep(0.05)
    assert len(await facts.of(MessageRead)) == 1


async def test_who_was_away_and_answers_has_read_what_came_before_they_left(
    alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    question = await alice.sends(group, "how are you?")
    await alice.removes(group, bob)

    async def is_away() -> bool:
        return bool((await alice.conversation(group))["group"]["memberCount"] == 1)

    await eventually(is_away)
    await alice.adds(group, bob)
    await bob.sends(group, "back, and fine")
    assert (await alice.status_of(question))["readBy"] == ["bob"]
    [read] = await facts.eventually(1, MessageRead)
    assert [str(id_) for id_ in read.message_ids] == [question["id"]]


async def test_nobody_receives_their_own_message(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    await world.deliver(group, 2, alice, bob)
    [fact] = await facts.eventually(1, MessageDelivered)
    assert fact.delivered_to == ("bob",)
    assert (await alice.status_of(message))["deliveredTo"] == ["bob"]


async def test_system_messages_have_no_receipts(world: World, alice: Member, bob: Member) -> None:
    group = await alice.creates_group(bob)
    [system] = await alice.history(group)
    await world.deliver(group, 1, bob)
    await bob.reads(system)
    nothing = {"total": 0, "delivered": 0, "read": 0}
    assert await bob.status_of(system) == {**nothing, "deliveredTo": [], "readBy": []}
    assert (await bob.history(group))[0]["status"] == nothing


async def test_many_deliveries_are_told_together(world: World, alice: Member, facts: Facts) -> None:
    others = [f"u{n:02}" for n in range(40)]
    group = await alice.creates_group(*others)
    for _ in range(120):
        await alice.sends(group)
    await world.publish(
        "notifier",
        *(
            new_event(
                NotificationDelivered(
                    deliveries=(Delivery(user_id=who, group_id=UUID(group), up_to_seq=121),)
                )
            )
            for who in others
        ),
    )

    async def all_told() -> bool:
        told = await facts.of(MessageDelivered)
        return {u for f in told for u in f.delivered_to} == set(others)

    await eventually(all_told)
    told = await facts.of(MessageDelivered)
    assert len(told) < len(others)
    for fact in told:
        assert (len(fact.message_ids), fact.up_to_seq, fact.total) == (100, 121, 40)
        assert all(receipt.up_to_seq == 121 for receipt in fact.receipts)
    assert sorted(u for f in told for u in f.delivered_to) == others


async def test_who_returns_to_thousands_of_messages_has_all_of_them_told(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group)
    await world.database.execute(
        """INSERT INTO messages (id, group_id, seq, ordinal, sender_id, type, content, total,
                                 created_at)
           SELECT gen_random_uuid(), $1::uuid, seq, seq - 1, 'carol', 'text', 'x', 1, now()
           FROM generate_series(3, 3500) seq""",
        group,
    )
    await world.database.execute(
        "UPDATE groups SET last_seq = 3500, last_ordinal = 3499 WHERE id = $1::uuid", group
    )
    await world.deliver(group, 3500, bob)

    async def alice_is_told() -> bool:
        return "alice" in [f.sender_id for f in await facts.of(MessageDelivered)]

    await eventually(alice_is_told)
    carols = [f for f in await facts.of(MessageDelivered) if f.sender_id == "carol"]
    assert [f.up_to_seq for f in carols] == [3500, 2500, 1500, 500]


async def test_what_a_crashed_replica_left_is_told_by_another(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group)
    await world.database.execute(
        "INSERT INTO pending_receipts VALUES ($1::uuid, 'delivered', 'bob', 0, 2)", group
    )
    await world.database.execute(
        "INSERT INTO receipt_windows VALUES ($1::uuid, 'delivered', now())", group
    )
    [fact] = await facts.eventually(1, MessageDelivered)
    assert fact.delivered_to == ("bob",)


async def test_several_replicas_tell_each_thing_once(
    chat_environment: dict[str, str], world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    async with started_chat(chat_environment), started_chat(chat_environment):
        groups = [await alice.creates_group(bob) for _ in range(5)]
        for group in groups:
            for _ in range(6):
                await alice.sends(group)
        for up_to in range(2, 8):
            for group in groups:
                await world.deliver(group, up_to, bob)
        for group in groups:
            [*_, last] = await bob.history(group)
            await bob.reads(last)

        async def all_told() -> bool:
            return len(await told_ids(facts)) >= 30

        await eventually(all_told)
    ids = await told_ids(facts)
    assert len(ids) == len(set(ids)) == 30


async def told_ids(facts: Facts) -> list[UUID]:
    return [i for fact in await facts.of(MessageDelivered) for i in fact.message_ids]

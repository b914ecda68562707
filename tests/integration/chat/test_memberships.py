"""Chat's copy of the groups: who is in, from when to when, and what each change leaves."""

import asyncio
import random
from uuid import UUID

import aio_pika
from pydantic_core import to_json

from shared.events.chat import MessageDelivered, MessageSent
from shared.events.envelope import Event, decode
from shared.events.groups import GroupSnapshot
from shared.rabbitmq.topology import EVENTS_EXCHANGE, SERVICE_QUEUES
from shared.web.service_tokens import ServiceTokens
from tests.fixtures.tokens import SERVICE_SECRET
from tests.integration.chat.conftest import Facts, Member, World


async def groups_events(world: World, group: str) -> list[Event]:
    """What groups has published about the group."""
    headers = {"Authorization": f"Bearer {ServiceTokens(SERVICE_SECRET, 'chat').new()}"}
    async with world.groups.get(f"/internal/v1/groups/{group}?after=0", headers=headers) as answer:
        snapshot = GroupSnapshot.model_validate_json(await answer.read())
    return [decode(to_json(f)) for f in snapshot.facts]


async def test_each_change_of_who_is_in_leaves_one_system_message(
    world: World, alice: Member, bob: Member, carol: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    await world.handled()
    await carol.groups.get("/v1/groups")
    await alice.adds(group, carol, world.person("dave"))
    path = f"/v1/groups/{group}"
    await alice.groups.patch(f"{path}/members/bob/role", {"role": "admin"})
    await alice.groups.patch(f"{path}/members/bob/role", {"role": "member"})
    await alice.groups.patch(path, {"name": "Climbers"})
    await alice.removes(group, carol)
    await alice.groups.post(f"{path}/transfer", {"userId": "bob"})
    await alice.groups.post(f"{path}/leave")
    await world.handled()
    history = await bob.history(group)
    assert [(m["seq"], m["senderId"], m["content"]) for m in history] == [
        (1, "alice", "Alice created the group"),
        (2, "alice", "Alice added Carol and dave"),
        (3, "alice", "Alice made bob an admin"),
        (4, "alice", "Alice made bob a member again"),
        (5, "alice", "Alice removed Carol"),
        (6, "alice", "Alice handed the group over to bob"),
        (7, "alice", "Alice left"),
    ]
    assert {m["type"] for m in history} == {"system"}
    assert [m["metadata"] for m in history] == [
        {"event": "group_created", "userIds": ["bob"], "count": 1},
        {"event": "member_added", "userIds": ["carol", "dave"], "count": 2},
        {"event": "role_changed", "userIds": ["bob"], "count": 1, "role": "admin"},
        {"event": "role_changed", "userIds": ["bob"], "count": 1, "role": "member"},
        {"event": "member_removed", "userIds": ["carol"], "count": 1},
        {"event": "group_transferred", "userIds": ["bob"], "count": 1},
        {"event": "member_left", "userIds": ["alice"], "count": 1},
    ]
    told = await facts.of(MessageSent)
    assert [(f.message.seq, f.message.type, f.audience) for f in told] == [
        (seq, "system", ()) for seq in range(1, 8)
    ]
    conversation = await bob.conversation(group)
    assert conversation["group"]["name"] == "Climbers"
    assert conversation["group"]["createdBy"] == "bob"
    assert conversation["group"]["role"] == "admin"
    assert conversation["group"]["memberCount"] == 2
    assert conversation["unreadCount"] == 0


async def test_a_system_message_shows_the_name_that_chat_knows(world: World, alice: Member) -> None:
    """Groups never saw their token."""
    dave = world.person("dave", "Dave")
    await dave.get("/v1/conversations")
    group = await alice.creates_group()
    path = f"/v1/groups/{group}/members/dave"
    await alice.groups.post(f"/v1/groups/{group}/members", {"memberIds": ["dave"]})
    await alice.groups.patch(f"{path}/role", {"role": "admin"})
    await alice.groups.delete(path)
    await world.handled()
    assert [message["content"] for message in (await alice.history(group))[1:]] == [
        "Alice added Dave",
        "Alice made Dave an admin",
        "Alice removed Dave",
    ]


async def test_who_was_removed_may_do_nothing_more(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    message = await bob.sends(group, clientMessageId="x")
    await alice.removes(group, bob)
    await world.handled()
    for answer in (
        await bob.try_to_send(group),
        await bob.try_to_send(group, clientMessageId="x"),
        await bob.get(f"/v1/groups/{group}/messages"),
        await bob.get(f"/v1/messages/{message['id']}"),
        await bob.post(f"/v1/messages/{message['id']}/read"),
    ):
        assert answer.status == 404
    await alice.sends(group)
    assert (await facts.of(MessageSent))[-1].audience == ()
    assert (await bob.get("/v1/conversations")).body["conversations"] == []


async def test_who_was_just_added_can_send_and_is_told_of_everything_from_then_on(
    alice: Member, bob: Member, carol: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group)
    await alice.adds(group, carol)
    await carol.sends(group, "hi all")
    assert (await facts.of(MessageSent))[-1].audience == ("alice", "bob")
    await alice.sends(group)
    assert (await facts.of(MessageSent))[-1].audience == ("bob", "carol")


async def test_receipts_are_of_those_who_were_in_when_it_was_sent(
    world: World, alice: Member, bob: Member, carol: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    first = await alice.sends(group)  # 2: bob
    await alice.adds(group, carol)  # 3
    await world.handled()
    second = await alice.sends(group)  # 4: bob, carol
    await carol.reads(second)
    await alice.removes(group, bob)  # 5
    await world.handled()
    third = await alice.sends(group)  # 6: carol
    await alice.adds(group, bob)  # 7
    await world.handled()
    fourth = await alice.sends(group)  # 8: bob, carol
    assert [m["status"]["total"] for m in (first, second, third, fourth)] == [1, 2, 1, 2]
    # Bob catches up with everything, also with what was sent while he was away.
    assert await bob.reads(fourth) == 8
    assert (await alice.status_of(first))["readBy"] == ["bob"]
    assert (await alice.status_of(second))["readBy"] == ["bob", "carol"]
    assert (await alice.status_of(third))["readBy"] == []
    assert (await alice.status_of(fourth))["readBy"] == ["bob"]
    counted = [m["status"]["read"] for m in await alice.history(group) if m["type"] == "text"]
    assert counted == [1, 2, 0, 1]
    told = [f for f in await facts.eventually(2, MessageDelivered) if f.delivered_to == ("bob",)]
    ids = [str(i) for f in told for i in f.message_ids]
    assert ids == [first["id"], second["id"], fourth["id"]]


async def test_who_left_stays_in_the_receipts_of_what_reached_them(
    world: World, alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    before, unseen = await alice.sends(group), await alice.sends(group)
    await bob.reads(before)
    await bob.groups.post(f"/v1/groups/{group}/leave")
    await world.handled()
    after = await alice.sends(group)
    assert (await alice.status_of(before))["readBy"] == ["bob"]
    assert (await alice.status_of(unseen))["deliveredTo"] == []
    # What was sent before they left may still reach them.
    await world.deliver(group, unseen["seq"], bob)
    await world.handled()
    assert (await alice.status_of(unseen))["deliveredTo"] == ["bob"]
    assert after["status"]["total"] == 0


async def test_unread_counts_start_anew_for_who_comes_back(
    world: World, alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    for _ in range(3):
        await alice.sends(group)
    assert (await bob.conversation(group))["unreadCount"] == 3
    await alice.removes(group, bob)
    await world.handled()
    for _ in range(2):
        await alice.sends(group)
    await alice.adds(group, bob)
    await world.handled()
    assert (await bob.conversation(group))["unreadCount"] == 0
    await alice.sends(group)
    conversation = await bob.conversation(group)
    assert (conversation["unreadCount"], conversation["lastReadSeq"]) == (1, 0)


async def test_the_same_facts_again_in_any_order_change_nothing(
    world: World, alice: Member, bob: Member, carol: Member
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group)
    await alice.adds(group, carol)
    await alice.removes(group, bob)
    await alice.groups.patch(f"/v1/groups/{group}", {"name": "Climbers"})
    await world.handled()
    before = (await alice.history(group), await alice.conversation(group))
    events = await groups_events(world, group)
    assert len(events) == 4
    await world.publish("groups", *events * 2, *reversed(events))
    await world.handled()
    assert (await alice.history(group), await alice.conversation(group)) == before


async def test_facts_that_come_out_of_order_end_in_the_newest_state(
    world: World, alice: Member, bob: Member, carol: Member
) -> None:
    for seed in range(6):
        group = await alice.creates_group(bob)
        await alice.adds(group, carol)
        await alice.removes(group, bob)
        await alice.groups.patch(f"/v1/groups/{group}", {"name": f"Climbers {seed}"})
        events = await groups_events(world, group)
        await world.handled()
        await forget(world, group)
        random.Random(seed).shuffle(events)
        await world.publish("groups", *events)
        await world.handled()
        conversation = await alice.conversation(group)
        assert conversation["group"]["name"] == f"Climbers {seed}"
        assert conversation["group"]["memberCount"] == 2
        assert (await bob.get(f"/v1/groups/{group}/messages")).status == 404
        history = await carol.history(group)
        # Chat knows their names once they have called it.
        assert sorted(m["content"].lower() for m in history) == [
            "alice added carol",
            "alice created the group",
            "alice removed bob",
        ]
        assert [m["seq"] for m in history] == [1, 2, 3]


async def forget(world: World, group: str) -> None:
    """Put chat back to before it heard of the group."""
    async with world.database.transaction():
        for table in ("messages", "memberships", "watermarks"):
            await world.database.execute(f"DELETE FROM {table} WHERE group_id = $1::uuid", group)
        await world.database.execute("DELETE FROM groups WHERE id = $1::uuid", group)
        await world.database.execute("DELETE FROM handled_events")


async def test_an_empty_copy_is_rebuilt_from_the_facts(
    world: World, alice: Member, bob: Member, carol: Member
) -> None:
    groups = [await alice.creates_group(bob) for _ in range(30)]
    await alice.adds(groups[0], carol)
    await world.handled()
    events = [e for g in groups for e in await groups_events(world, g)]
    for group in groups:
        await forget(world, group)
    await world.publish("groups", *events)
    await world.handled()
    assert (await bob.get("/v1/conversations")).body["pagination"]["total"] == 30
    assert (await carol.conversation(groups[0]))["group"]["memberCount"] == 3


async def test_a_poisonous_fact_is_parked_and_the_next_ones_go_on(
    world: World, alice: Member, bob: Member
) -> None:
    async with await aio_pika.connect(world.broker.admin_url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(EVENTS_EXCHANGE)
        for body, key in ((b"{", "groups.x"), (b'{"specversion": "1.0"}', "notifier.y")):
            await exchange.publish(aio_pika.Message(body), key)
        group = await alice.creates_group(bob)
        await world.handled()
        parked = await channel.get_queue(SERVICE_QUEUES["chat"].parked)
        assert parked.declaration_result.message_count == 2
    assert len(await bob.history(group)) == 1


async def test_changes_and_messages_at_once_leave_no_gap_and_no_deadlock(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    groups = [await alice.creates_group(bob) for _ in range(4)]
    people = [world.person(f"u{n}") for n in range(6)]

    async def change(group: str) -> None:
        for who in people:
            await alice.adds(group, who)
            await alice.removes(group, who)

    async def talk(group: str, who: Member) -> None:
        for _ in range(15):
            message = await who.sends(group)
            await world.deliver(group, message["seq"], alice, bob)
            [*_, newest] = await bob.history(group)
            await bob.reads(newest)

    await asyncio.gather(
        *(change(group) for group in groups),
        *(talk(group, who) for group in groups for who in (alice, bob)),
    )
    await world.handled()
    for group in groups:
        found = [f for f in await facts.of(MessageSent) if f.group.id == UUID(group)]
        assert [f.message.seq for f in found] == list(range(1, 1 + 12 + 30 + 1))
        pages = [await alice.history(group, f"limit=20&page={page}") for page in (3, 2, 1)]
        assert [m["seq"] for page in pages for m in page] == list(range(1, 44))
        status = await alice.status_of(pages[-1][-1])
        assert status["read"] <= status["delivered"] <= status["total"]

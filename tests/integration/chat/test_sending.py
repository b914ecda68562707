"""Sending messages: positions, limits, client ids."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from shared.events.chat import MessageSent
from tests.fixtures.people import Answer
from tests.integration.chat.conftest import Facts, Member, World, started_chat


async def test_a_message_right_after_the_groups_creation_follows_its_system_message(
    alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group, "first!")
    assert message["seq"] == 2
    system, first = await alice.history(group)
    assert (system["seq"], system["type"], system["content"]) == (
        1,
        "system",
        "Alice created the group",
    )
    assert first == message
    told = await facts.of(MessageSent)
    assert [(f.message.seq, f.message.type, f.audience) for f in told] == [
        (1, "system", ()),
        (2, "text", ("bob",)),
    ]


async def test_a_message_is_answered_whole(alice: Member, bob: Member) -> None:
    group = await alice.creates_group(bob)
    metadata = {"z": [1, 2.5, None, True], "a": {"ключ": "значение"}}
    message = await alice.sends(
        group, " hi \n", type="image", metadata=metadata, clientMessageId="c-1"
    )
    created = message.pop("createdAt")
    assert len(created) == 24
    assert created.endswith("Z")
    assert UUID(message.pop("id")).version == 7
    assert message == {
        "groupId": group,
        "seq": 2,
        "senderId": "alice",
        "senderName": "Alice",
        "type": "image",
        "content": " hi \n",
        "metadata": metadata,
        "clientMessageId": "c-1",
        "isDeleted": False,
        "status": {"total": 1, "delivered": 0, "read": 0},
    }
    assert list(message["metadata"]) == ["z", "a"]


async def test_fifty_at_once_get_contiguous_positions_in_the_order_they_are_told(
    alice: Member, bob: Member, carol: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob, carol)
    people = (alice, bob, carol)
    sent = await asyncio.gather(*(people[n % 3].sends(group, f"m{n}") for n in range(50)))
    assert sorted(message["seq"] for message in sent) == list(range(2, 52))
    assert [fact.message.seq for fact in await facts.of(MessageSent)] == list(range(1, 52))


@pytest.mark.parametrize("newcomer", [True, False])
async def test_two_calls_racing_with_one_client_id_make_one_message(
    alice: Member, bob: Member, facts: Facts, newcomer: bool
) -> None:
    group = await alice.creates_group(bob)
    if not newcomer:
        await alice.sends(group)
    before = len(await facts.of(MessageSent))
    answers = await asyncio.gather(
        *(alice.try_to_send(group, "once", clientMessageId="x") for _ in range(8))
    )
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1
    assert len(await facts.of(MessageSent)) == max(before, 1) + 1


async def test_a_client_id_is_known_per_sender_and_group(alice: Member, bob: Member) -> None:
    group, other = await alice.creates_group(bob), await alice.creates_group(bob)
    first = await alice.sends(group, "one", clientMessageId="x")
    assert (await bob.sends(group, "two", clientMessageId="x"))["id"] != first["id"]
    assert (await alice.sends(other, "three", clientMessageId="x"))["id"] != first["id"]


@pytest.mark.parametrize(
    "other",
    [
        {"content": "other"},
        {"type": "file"},
        {"metadata": {"a": 1}},
        {"metadata": {"a": True, "b": 2}},
        {"metadata": None},
    ],
)
async def test_a_client_id_for_another_message_is_refused(
    alice: Member, bob: Member, other: dict[str, object]
) -> None:
    group = await alice.creates_group(bob)
    body = {"content": "one", "metadata": {"a": 1, "b": 2}, "clientMessageId": "x"}
    first = await alice.post(f"/v1/groups/{group}/messages", body)
    again = await alice.post(f"/v1/groups/{group}/messages", {**body, "metadata": {"b": 2, "a": 1}})
    assert (again.status, again.body) == (200, first.body)
    refused = await alice.post(f"/v1/groups/{group}/messages", {**body, **other})
    assert (refused.status, refused.code) == (409, "client_message_id_reused")


async def test_a_repeated_call_finds_a_deleted_message_without_its_content(
    alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    body = {"metadata": {"a": 1, "b": 2}, "clientMessageId": "x"}
    first = await alice.sends(group, "secret", **body)
    await alice.delete(f"/v1/messages/{first['id']}")
    again = await alice.try_to_send(group, "secret", **{**body, "metadata": {"b": 2, "a": 1}})
    gone = {**first, "content": "", "metadata": None, "isDeleted": True}
    assert (again.status, again.body) == (200, gone)


@pytest.mark.parametrize(
    "other", [{"content": "two"}, {"content": ""}, {"type": "file"}, {"metadata": None}]
)
async def test_a_client_id_stays_taken_by_its_message_when_that_is_deleted(
    alice: Member, bob: Member, other: dict[str, object]
) -> None:
    group = await alice.creates_group(bob)
    body = {"content": "one", "type": "image", "metadata": {"a": 1}, "clientMessageId": "x"}
    first = await alice.post(f"/v1/groups/{group}/messages", body)
    await alice.delete(f"/v1/messages/{first.body['id']}")
    refused = await alice.post(f"/v1/groups/{group}/messages", {**body, **other})
    assert (refused.status, refused.code) == (409, "client_message_id_reused")
    assert len(await alice.history(group)) == 2


async def test_what_was_deleted_before_fingerprints_were_kept_still_answers(
    world: World, alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    first = await alice.sends(group, "one", clientMessageId="x")
    await alice.delete(f"/v1/messages/{first['id']}")
    await world.database.execute("UPDATE messages SET fingerprint = NULL")
    again = await alice.try_to_send(group, "one", clientMessageId="x")
    assert (again.status, again.body["id"]) == (200, first["id"])


async def test_where_only_admins_may_send_others_are_refused_until_they_are_admins(
    world: World, alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    early = await bob.sends(group, "early", clientMessageId="x")
    await alice.groups.patch(f"/v1/groups/{group}", {"settings": {"onlyAdminsCanMessage": True}})
    await alice.sends(group, "from now on")
    await world.handled()
    refused = await bob.try_to_send(group)
    assert (refused.status, refused.code) == (403, "only_admins_can_message")
    # What was answered once is answered again.
    again = await bob.try_to_send(group, "early", clientMessageId="x")
    assert (again.status, again.body["id"]) == (200, early["id"])
    await alice.groups.patch(f"/v1/groups/{group}/members/bob/role", {"role": "admin"})
    await world.handled()
    await bob.sends(group, "as an admin")


async def test_who_was_made_an_admin_a_moment_ago_may_send_at_once(
    world: World, alice: Member, bob: Member
) -> None:
    settings = {"onlyAdminsCanMessage": True}
    for _ in range(5):
        group = await alice.creates_group(bob, settings=settings)
        await world.handled()
        await alice.groups.patch(f"/v1/groups/{group}/members/bob/role", {"role": "admin"})
        await bob.sends(group)


async def test_people_are_called_what_their_tokens_said_last(world: World, bob: Member) -> None:
    nameless = world.person("u-17")
    group = await bob.creates_group(nameless)
    first = await nameless.sends(group)
    assert first["senderName"] == "u-17"
    named = world.person("u-17", "Zoë")
    assert (await named.sends(group))["senderName"] == "Zoë"
    assert (await nameless.sends(group))["senderName"] == "Zoë"
    assert [m["senderName"] for m in await bob.history(group)] == ["Bob", "Zoë", "Zoë", "Zoë"]


@dataclass(frozen=True)
class UntilRefused:
    """How many calls were accepted before one was not, and how long that took."""

    accepted: int
    seconds: float


async def until_refused(call: Callable[[], Awaitable[Answer]]) -> UntilRefused:
    began, accepted = time.monotonic(), 0
    while (answer := await call()).status < 300:
        accepted += 1
    assert answer.status == 429
    return UntilRefused(accepted, time.monotonic() - began)


async def test_messages_have_a_limit_of_their_own(
    chat_environment: dict[str, str], world: World
) -> None:
    averages = {"rate_messages_per_second": "1", "rate_calls_per_second": "1"}
    limits = {**averages, "rate_messages_burst": "3", "rate_calls_burst": "5"}
    async with started_chat({**chat_environment, **limits}) as chat:
        alice = Member(chat, world.groups, "alice", "Alice")
        group = await alice.creates_group("bob")
        # One a second comes back: a busy machine may send another meanwhile.
        sent = await until_refused(lambda: alice.try_to_send(group))
        assert 3 <= sent.accepted <= 3 + sent.seconds
        read = await until_refused(lambda: alice.get("/v1/conversations"))
        assert 5 <= read.accepted <= 5 + read.seconds
        refused = await alice.try_to_send(group)
        assert refused.code == "rate_limited"
        assert int(refused.headers["Retry-After"]) >= 1


async def test_a_group_that_is_stuck_holds_up_nobody_else(
    world: World, alice: Member, bob: Member
) -> None:
    stuck, others = await alice.creates_group(bob), [await alice.creates_group(bob) for _ in "abc"]
    for group in (stuck, *others):
        await alice.sends(group)
    async with world.database.transaction():
        await world.database.execute("SELECT FROM groups WHERE id = $1::uuid FOR UPDATE", stuck)
        waiting = [asyncio.create_task(alice.try_to_send(stuck)) for _ in range(20)]
        for _ in range(5):
            await asyncio.gather(*(alice.sends(group) for group in others))
        assert not any(task.done() for task in waiting)
    assert {answer.status for answer in await asyncio.gather(*waiting)} == {201}

"""Deleting messages."""

from shared.events.chat import MessageDeleted
from tests.integration.chat.conftest import Facts, Member, World


async def test_a_deleted_message_stays_without_content_everywhere(
    world: World, alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group, "secret", metadata={"secret": 1})
    answer = await alice.delete(f"/v1/messages/{message['id']}")
    assert answer.status == 200
    assert set(answer.body) == {"message"}
    gone = {**message, "content": "", "metadata": None, "isDeleted": True}
    assert (await bob.get(f"/v1/messages/{message['id']}")).body == gone
    assert (await bob.history(group))[-1] == gone
    assert (await bob.conversation(group))["lastMessage"] == gone
    row = await world.database.fetchrow(
        "SELECT content, metadata FROM messages WHERE type = 'text'"
    )
    assert row is not None
    assert tuple(row) == ("", None)
    [fact] = await facts.of(MessageDeleted)
    assert fact.audience == ("alice", "bob")
    assert (str(fact.message_id), fact.seq, fact.sender_id) == (message["id"], 2, "alice")
    assert (fact.actor.user_id, fact.actor.name) == ("alice", "Alice")


async def test_deleting_again_changes_nothing_and_tells_nobody(
    alice: Member, bob: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    for _ in range(3):
        assert (await alice.delete(f"/v1/messages/{message['id']}")).status == 200
    assert len(await facts.of(MessageDeleted)) == 1


async def test_only_the_sender_and_admins_may_delete(
    alice: Member, bob: Member, carol: Member, facts: Facts
) -> None:
    group = await alice.creates_group(bob, carol)
    message = await bob.sends(group)
    refused = await carol.delete(f"/v1/messages/{message['id']}")
    assert (refused.status, refused.code) == (403, "not_your_message")
    assert (await carol.get(f"/v1/messages/{message['id']}")).body == message
    assert (await alice.delete(f"/v1/messages/{message['id']}")).status == 200
    assert [fact.actor.user_id for fact in await facts.of(MessageDeleted)] == ["alice"]


async def test_in_a_dm_each_deletes_only_their_own(alice: Member, bob: Member) -> None:
    dm = await alice.opens_dm(bob)
    message = await bob.sends(dm)
    assert (await alice.delete(f"/v1/messages/{message['id']}")).status == 403
    assert (await bob.delete(f"/v1/messages/{message['id']}")).status == 200


async def test_system_messages_stay(alice: Member, bob: Member) -> None:
    group = await alice.creates_group(bob)
    [system] = await alice.history(group)
    refused = await alice.delete(f"/v1/messages/{system['id']}")
    assert (refused.status, refused.code) == (409, "system_message")
    assert await alice.history(group) == [system]


async def test_who_left_can_no_longer_delete_what_they_sent(
    world: World, alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    message = await bob.sends(group)
    await alice.removes(group, bob)
    await world.handled()
    assert (await bob.delete(f"/v1/messages/{message['id']}")).status == 404
    assert (await alice.get(f"/v1/messages/{message['id']}")).body["content"] == "hello"

"""The list of conversations."""

from tests.integration.chat.conftest import Member, World


async def test_conversations_come_by_last_activity_with_what_is_unread(
    world: World, alice: Member, bob: Member
) -> None:
    first = await alice.creates_group(bob, name="First", description="d", avatar="https://x.y/z")
    second = await alice.creates_group(bob)
    dm = await bob.opens_dm(alice)
    await world.handled()
    page = (await bob.get("/v1/conversations")).body
    assert [c["group"]["id"] for c in page["conversations"]] == [dm, second, first]
    message = await alice.sends(first, "news")
    await alice.sends(first, "more news")
    page = (await bob.get("/v1/conversations?limit=2")).body
    assert page["pagination"] == {"page": 1, "limit": 2, "total": 3, "pages": 2}
    newest, other = page["conversations"]
    assert (newest["unreadCount"], newest["lastReadSeq"]) == (2, 0)
    assert newest["lastMessage"] == (await bob.history(first))[-1]
    group = newest["group"]
    assert group == {**(await bob.groups.get(f"/v1/groups/{first}")).body}
    assert other["group"]["id"] == dm
    await bob.reads(message)
    conversation = await bob.conversation(first)
    assert (conversation["unreadCount"], conversation["lastReadSeq"]) == (1, 2)
    assert (await alice.conversation(first))["unreadCount"] == 0
    page = (await bob.get("/v1/conversations?limit=2&page=2")).body
    assert [c["group"]["id"] for c in page["conversations"]] == [second]


async def test_a_dm_bears_the_name_of_the_other(world: World, alice: Member, bob: Member) -> None:
    dm = await alice.opens_dm(bob)
    await world.handled()
    assert (await alice.conversation(dm))["group"]["name"] == "bob"
    await bob.sends(dm, "hi")
    assert (await alice.conversation(dm))["group"]["name"] == "Bob"
    conversation = await bob.conversation(dm)
    assert conversation["group"] == (await bob.groups.get(f"/v1/groups/{dm}")).body
    assert conversation["group"]["name"] == "Alice"


async def test_system_messages_are_shown_but_never_unread(
    world: World, alice: Member, bob: Member, carol: Member
) -> None:
    group = await alice.creates_group(bob)
    await alice.sends(group)
    await alice.adds(group, carol)
    await world.handled()
    conversation = await bob.conversation(group)
    assert conversation["unreadCount"] == 1
    assert conversation["lastMessage"]["type"] == "system"
    # Reading the system message reads what came before it.
    assert await bob.reads(conversation["lastMessage"]) == 3
    assert (await bob.conversation(group))["unreadCount"] == 0


async def test_the_last_messages_status_is_that_of_its_history(
    world: World, alice: Member, bob: Member, carol: Member
) -> None:
    group = await alice.creates_group(bob, carol)
    message = await alice.sends(group)
    await bob.reads(message)
    await world.deliver(group, 2, carol)
    await world.handled()
    last = (await alice.conversation(group))["lastMessage"]
    assert last["status"] == {"total": 2, "delivered": 2, "read": 1}


async def test_deleting_an_unread_message_leaves_the_count_to_reading(
    alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    await alice.delete(f"/v1/messages/{message['id']}")
    conversation = await bob.conversation(group)
    assert conversation["unreadCount"] == 1
    assert conversation["lastMessage"]["isDeleted"] is True


async def test_bad_pages_are_refused(alice: Member) -> None:
    answer = await alice.get("/v1/conversations?page=0&limit=1000")
    assert (answer.status, answer.bad_fields) == (422, ["page", "limit"])

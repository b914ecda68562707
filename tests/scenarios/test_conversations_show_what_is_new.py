"""The list of conversations: the newest on top, what was said last, and how much is unread."""

from tests.scenarios.people import User


async def test_the_newest_is_on_top_with_its_last_message_and_unread_count(
    alice: User, bob: User
) -> None:
    lunch = await alice.creates_group(bob, name="Lunch")
    hikes = await alice.creates_group(bob, name="Hikes")
    dm = await alice.opens_dm(bob)
    await alice.sends(hikes, "Sunday?")
    for text in ("Soup?", "Or salad?", "Or both?"):
        last = await alice.sends(lunch, text)
    await alice.sends(dm, "Psst")
    await alice.sends(lunch, "At noon")

    found = await bob.conversations()
    assert [each["group"]["name"] for each in found] == ["Lunch", "Alice", "Hikes"]
    assert [each["lastMessage"]["content"] for each in found] == ["At noon", "Psst", "Sunday?"]
    assert [each["unreadCount"] for each in found] == [4, 1, 1]
    assert [each["unreadCount"] for each in await alice.conversations()] == [0, 0, 0]

    await bob.reads(last)
    assert [each["unreadCount"] for each in await bob.conversations()] == [1, 1, 1]
    await bob.sends(lunch, "Fine")
    found = await bob.conversations()
    assert [each["unreadCount"] for each in found] == [0, 1, 1]
    assert found[0]["lastReadSeq"] == found[0]["lastMessage"]["seq"]
    assert (await alice.conversations())[0]["unreadCount"] == 1


async def test_conversations_come_in_pages(alice: User, bob: User) -> None:
    for number in range(3):
        group = await alice.creates_group(bob, name=f"Group {number}")
        await alice.sends(group)
    page = (await bob.get("/v1/conversations?page=2&limit=2")).body
    assert page["pagination"] == {"page": 2, "limit": 2, "total": 3, "pages": 2}
    assert [each["group"]["name"] for each in page["conversations"]] == ["Group 0"]

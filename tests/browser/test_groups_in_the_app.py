"""Groups, members, the inbox: what the lists and dialogs show, and what others see of it."""

import asyncio
import re

from playwright.async_api import Route, expect

from tests.browser.visitor import Visitor

# One question for each of two changes.
MOST_EARLY = 2


async def confirms(visitor: Visitor, action: str) -> None:
    dialog = visitor.page.get_by_role("dialog", name=re.compile(rf"^{action}.*\?$"))
    await dialog.get_by_role("button", name=action, exact=True).click()


async def test_members_come_go_and_take_over(alice: Visitor, bob: Visitor) -> None:
    await alice.starts_group("Band")
    dialog = await alice.opens_details()
    await dialog.get_by_label("Add members").fill(bob.name)
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(dialog.get_by_role("listitem")).to_have_count(2)
    await bob.opens("Band")

    deeds = dialog.get_by_role("combobox", name=f"Change {bob.name}")
    await deeds.select_option("Make an admin")
    await expect(dialog.get_by_text("Admin", exact=True)).to_be_visible()
    bobs = await bob.opens_details()
    await expect(bobs.get_by_text("Settings")).to_be_visible()

    await deeds.select_option("Hand over")
    await confirms(alice, "Hand over")
    await dialog.get_by_role("button", name="Leave group").click()
    await confirms(alice, "Leave")
    await expect(alice.page.get_by_text("No conversations yet.")).to_be_visible()
    await expect(bob.page.locator(".system").last).to_have_text(f"{alice.name} left")
    await expect(bobs.get_by_role("listitem")).to_have_count(1)


async def test_changes_that_are_heard_together_are_each_noticed(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Band", bob)
    await bob.opens("Band")
    bobs = await bob.opens_details()
    dialog = await alice.opens_details()
    heard = asyncio.Event()
    early: list[Route] = []

    async def late(route: Route) -> None:
        """At first, the history as it was before the second change had its notice."""
        if len(early) == MOST_EARLY:
            await route.fallback()
            return
        early.append(route)
        await heard.wait()
        answer = await (await route.fetch()).json()
        answer["messages"] = [m for m in answer["messages"] if not m["content"].endswith(" left")]
        await route.fulfill(json=answer)

    await bob.page.route(re.compile(r"/messages\?after="), late)
    await dialog.get_by_role("combobox", name=f"Change {bob.name}").select_option("Hand over")
    await confirms(alice, "Hand over")
    await dialog.get_by_role("button", name="Leave group").click()
    await confirms(alice, "Leave")
    await expect(bobs.get_by_role("listitem")).to_have_count(1)
    heard.set()
    await expect(bob.page.locator(".system")).to_have_text(
        [
            f"{alice.name} created the group",
            f"{alice.name} handed the group over to {bob.name}",
            f"{alice.name} left",
        ]
    )
    assert len(early) == MOST_EARLY
    await bob.page.unroute_all(behavior="wait")


async def test_a_notice_that_nobody_is_told_of_comes_before_the_next_message(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Band", bob)
    await bob.opens("Band")
    dialog = await alice.opens_details()
    await dialog.get_by_label("Add members").fill(f"Drummer of {alice.name}")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(dialog.get_by_role("listitem")).to_have_count(3)
    await alice.page.keyboard.press("Escape")
    await alice.writes("Welcome!")
    said = re.compile(f"{alice.name} created .*{alice.name} added drummer-of-.*Welcome!", re.DOTALL)
    for visitor in (alice, bob):
        await expect(visitor.page.get_by_role("region", name="Messages")).to_have_text(said)


async def test_a_group_that_is_renamed_or_deleted_is_so_for_everybody(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Band", bob)
    await bob.opens("Band")
    dialog = await alice.opens_details()
    await dialog.get_by_text("Settings").click()
    await dialog.get_by_label("Name", exact=True).fill("Choir")
    await dialog.get_by_label("Only admins can write").click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Saved")).to_be_visible()
    await expect(bob.page.get_by_role("heading", name="Choir", level=2)).to_be_visible()
    await expect(bob.page.get_by_text("Only admins can write here.")).to_be_visible()

    await dialog.get_by_role("button", name="Delete group").click()
    confirm = alice.page.get_by_role("dialog", name="Delete the group?")
    await confirm.get_by_role("button", name="Delete group").click()
    await expect(bob.page.get_by_role("alert")).to_contain_text("deleted Choir")
    await expect(bob.page.get_by_text("Choose a conversation")).to_be_visible()


async def test_the_bell_counts_what_is_unread_and_opens_what_it_tells_of(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Band", bob)
    await alice.writes("One")
    await alice.writes("Two")
    await expect(bob.bell).to_have_accessible_name("Notifications, 3 unread")
    await bob.bell.click()
    dialog = bob.page.get_by_role("dialog", name="Notifications")
    items = dialog.get_by_role("listitem")
    await expect(items).to_have_count(3)
    await items.filter(has_text="added you").get_by_role("button", name="Delete").click()
    await expect(items).to_have_count(2)
    await dialog.get_by_role("button", name="Mark all as read").click()
    await expect(bob.bell).to_have_accessible_name("Notifications")
    await items.filter(has_text="Two").get_by_role("button").first.click()
    await bob.sees("One", "Two")
    # What is told of a conversation on the screen is read with it.
    await alice.writes("Three")
    await bob.sees("One", "Two", "Three")
    await alice.sees_tick("Three", "read")
    await expect(bob.bell).to_have_accessible_name("Notifications")
    await bob.bell.click()
    await expect(items).to_have_count(3)
    await expect(dialog.get_by_role("button", name="Mark as read", exact=True)).to_have_count(0)


async def test_whether_the_other_is_there_is_shown(alice: Visitor, bob: Visitor) -> None:
    await alice.starts_dm(bob)
    header = alice.page.get_by_role("region", name=re.compile("^Conversation"))
    await expect(header.get_by_text("Online")).to_be_visible()

"""Two people, each in a browser of their own, write to one another."""

import asyncio
import re

import aiohttp
from playwright.async_api import Route, expect

from tests.browser.visitor import Visitor
from tests.fixtures.stack import Stack
from tests.fixtures.tokens import bearer


async def test_a_message_appears_at_once_and_its_ticks_turn_as_it_is_read(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Lunch", bob)
    await expect(bob.row("Lunch")).to_be_visible()
    await alice.writes("Soup at noon?")
    await alice.sees("Soup at noon?")
    await alice.sees_tick("Soup at noon?", "delivered")
    await expect(bob.row("Lunch").locator(".badge")).to_have_text(re.compile("^1"))
    await expect(bob.page).to_have_title("(1) Circles")

    await bob.opens("Lunch")
    await bob.sees("Soup at noon?")
    await alice.sees_tick("Soup at noon?", "read")
    await expect(bob.row("Lunch").locator(".badge")).to_have_count(0)

    await bob.writes("Yes!")
    await alice.sees("Soup at noon?", "Yes!")
    await bob.sees_tick("Yes!", "read")


async def test_a_tick_opens_to_who_and_when(alice: Visitor, bob: Visitor) -> None:
    await alice.starts_group("Lunch", bob)
    await alice.writes("Who reads this?")
    await bob.opens("Lunch")
    await alice.sees_tick("Who reads this?", "read")
    await alice.page.get_by_role("button", name="Read: who and when").click()
    dialog = alice.page.get_by_role("dialog", name="Message")
    await expect(dialog.get_by_role("heading", name="Read by 1 of 1")).to_be_visible()
    await expect(dialog.get_by_role("listitem")).to_contain_text(bob.name)
    await expect(dialog.locator("time")).to_have_text(re.compile(r"\d\d:\d\d"))


async def test_a_deleted_message_is_blank_for_everybody(alice: Visitor, bob: Visitor) -> None:
    await alice.starts_group("Lunch", bob)
    await bob.opens("Lunch")
    # It comes while Bob looks, so that it is read out as well.
    await alice.writes("Not for long")
    await bob.sees("Not for long")
    await alice.deletes("Not for long")
    await bob.sees("Message deleted")
    # Nor is it where only screen readers find it.
    for visitor in (alice, bob):
        await expect(visitor.page.locator("body")).not_to_contain_text("Not for long")
    await alice.sees("Message deleted")
    await expect(bob.row("Lunch")).to_contain_text("Message deleted")


async def test_what_is_typed_is_shown_as_typed(alice: Visitor, bob: Visitor) -> None:
    typed = [
        "<b>bold?</b> <img src=x onerror=alert(1)>",
        "<script>document.title = 'gone'</script> &amp; &lt;",
        "${1 + 1} {{ 1 + 1 }} javascript:alert(1)",
        "مرحبا، كيف حالك؟",
        "W" * 3000,
        "two\n  lines",
    ]
    await alice.starts_group("<i>Markup</i>", bob)
    for text in typed:
        await alice.writes(text)
    await bob.opens("<i>Markup</i>")
    await bob.sees(*typed)
    await alice.sees(*typed)
    for visitor in (alice, bob):
        assert await visitor.page.locator(".history img, .history b, .history script").count() == 0
        history = visitor.page.get_by_role("region", name="Messages")
        assert await history.evaluate("box => box.scrollWidth <= box.clientWidth")
    await expect(alice.page.get_by_text(typed[3]).last).to_have_css("direction", "rtl")


async def test_older_messages_come_above_and_what_is_read_stays_in_its_place(
    alice: Visitor, bob: Visitor, stack: Stack
) -> None:
    await alice.starts_dm(bob)
    group = alice.page.url.rpartition("/")[2]
    lines = [f"Line {number}" for number in range(1, 61)]
    me = bearer(alice.user_id)
    async with aiohttp.ClientSession(stack.url, headers=me, raise_for_status=True) as http:
        for line in lines:
            await http.post(f"/v1/groups/{group}/messages", json={"content": line})
    measured = asyncio.Event()

    async def held(route: Route) -> None:
        """The older ones come once it is known where the others are."""
        await measured.wait()
        await route.continue_()

    await bob.page.route("**/messages?before=*", held)
    await bob.page.reload()
    await bob.opens(alice.name)
    shown = bob.page.locator(".message .content")
    await expect(shown.last).to_have_text("Line 60")
    top = bob.bubble("Line 30")
    await top.scroll_into_view_if_needed()
    await expect(shown.first).to_have_text("Line 21")
    before = await top.bounding_box()
    measured.set()
    await expect(shown.first).to_have_text("Line 1")
    assert await top.bounding_box() == before
    assert await shown.all_inner_texts() == lines

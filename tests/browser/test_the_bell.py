"""The bell: what it shows stays true, whatever is read, deleted and loaded meanwhile."""

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.visitor import Visitor
from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.scenarios.people import Json, User

SECRET_WORDS = "The code is 4711"


@pytest.fixture
async def author(stack: Stack, alice: Visitor) -> AsyncIterator[User]:
    """Alice, who writes much faster than she could in a browser."""
    async with aiohttp.ClientSession(stack.url) as http:
        yield User(http, alice.user_id, alice.name)


@pytest.fixture
async def reader(stack: Stack, bob: Visitor) -> AsyncIterator[User]:
    """Bob on another device."""
    async with aiohttp.ClientSession(stack.url) as http:
        yield User(http, bob.user_id, bob.name)


async def group_with(author: User, reader: User, messages: int, name: str = "Band") -> Json:
    group = await author.creates_group(reader, name=name)
    for number in range(1, messages + 1):
        await author.sends(group, f"Line {number}")
    return group


async def opened_bell(page: Page) -> Locator:
    await page.get_by_role("button", name="Notifications").click()
    dialog = page.get_by_role("dialog", name="Notifications")
    await expect(dialog).to_be_visible()
    return dialog


async def shows_more_to_the_end(dialog: Locator) -> None:
    more = dialog.get_by_role("button", name="Show more")
    items = dialog.get_by_role("listitem")
    while await more.count():
        before = await items.count()
        await more.click()
        await expect(dialog.locator("button.wide:disabled")).to_have_count(0)
        assert await items.count() > before or not await more.count()


async def second_tab(visitor: Visitor) -> Page:
    page = await visitor.context.new_page()
    await page.goto(visitor.page.url)
    await Visitor(page, visitor.name).signs_in()
    return page


async def test_what_was_deleted_can_not_be_read_in_the_bell(
    bob: Visitor, author: User, reader: User
) -> None:
    group = await author.creates_group(reader, name="Band")
    message = await author.sends(group, SECRET_WORDS)
    dialog = await opened_bell(bob.page)
    await expect(dialog.get_by_text(SECRET_WORDS)).to_be_visible()
    held = asyncio.Event()
    asked = asyncio.Event()

    async def late(route: Route) -> None:
        """The page as it was before the message was deleted."""
        answer = await route.fetch()
        asked.set()
        await held.wait()
        await route.fulfill(response=answer)

    await author.deletes(message)
    await expect(dialog.get_by_text("Message deleted")).to_be_visible()
    await expect(dialog.get_by_text(SECRET_WORDS)).to_have_count(0)

    another = await author.sends(group, f"{SECRET_WORDS}!")
    await expect(dialog.get_by_text(SECRET_WORDS)).to_be_visible()
    await bob.page.route(re.compile(r"/v1/notifications\?page="), late)
    await dialog.get_by_role("button", name=re.compile("^Unread")).click()
    await asked.wait()
    await author.deletes(another)
    await expect(bob.row("Band")).to_contain_text("deleted")
    held.set()
    await expect(dialog.get_by_text("Message deleted")).to_have_count(2)
    await expect(dialog.get_by_text(SECRET_WORDS)).to_have_count(0)
    await bob.page.unroute_all(behavior="wait")


async def test_other_tabs_know_what_was_done_to_the_bell(
    bob: Visitor, author: User, reader: User
) -> None:
    await group_with(author, reader, 3)
    await expect(bob.bell).to_have_accessible_name("Notifications, 4 unread")
    tab = await second_tab(bob)
    here, there = await opened_bell(bob.page), await opened_bell(tab)
    await expect(there.get_by_role("listitem")).to_have_count(4)
    mine = here.get_by_role("listitem")
    await mine.filter(has_text="Line 3").get_by_role("button", name="Mark as read").click()
    await expect(there.get_by_role("button", name="Mark as read", exact=True)).to_have_count(3)
    await mine.filter(has_text="Line 2").get_by_role("button", name="Delete").click()
    await expect(there.get_by_role("listitem")).to_have_count(3)
    await expect(there.locator(".segments .count")).to_have_text("2")
    await here.get_by_role("button", name="Mark all as read").click()
    await expect(there.get_by_role("button", name="Mark as read", exact=True)).to_have_count(0)
    await expect(there.get_by_role("button", name="Mark all as read")).to_be_disabled()


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "elsewhere"])
@pytest.mark.parametrize("deed", ["Mark as read", "Delete"])
async def test_more_is_shown_without_gaps_while_entries_go(
    bob: Visitor, author: User, reader: User, deed: str, elsewhere: bool
) -> None:
    group = await author.creates_group(reader, name="Band")
    await asyncio.gather(*(author.sends(group, f"Line {number}") for number in range(95)))
    await expect(bob.bell).to_have_accessible_name("Notifications, 96 unread")
    await bob.page.reload()
    dialog = await opened_bell(bob.page)
    if deed == "Mark as read":
        await dialog.get_by_role("button", name=re.compile("^Unread")).click()
    items = dialog.get_by_role("listitem")
    await expect(items).to_have_count(30)
    for left in range(29, 19, -1):
        await items.first.get_by_role("button", name=deed, exact=True).click()
        await expect(items).to_have_count(left)
    if elsewhere:
        # Five that are shown here and as many as were not read yet: no event tells of them.
        for each in (await reader.inbox())[-70:-35]:
            path = f"/v1/notifications/{each['id']}"
            await (reader.delete(path) if deed == "Delete" else reader.patch(f"{path}/read"))
    await shows_more_to_the_end(dialog)
    texts = await items.locator(".notification-text").all_text_contents()
    assert len(texts) == len(set(texts))
    unread = await reader.inbox("&unread=true")
    assert {each["message"] for each in unread} <= set(texts)
    if not elsewhere:
        assert len(texts) == len(unread) == 86


async def test_a_conversation_that_is_opened_leaves_none_of_its_many_notifications_unread(
    bob: Visitor, author: User, reader: User
) -> None:
    other = await author.creates_group(reader, name="Choir")
    group = await author.creates_group(reader, name="Band")
    await author.sends(other, "Elsewhere")
    await asyncio.gather(*(author.sends(group, f"Line {number}") for number in range(130)))
    await expect(bob.bell).to_have_accessible_name("Notifications, 133 unread")
    await bob.opens("Band")
    await expect(bob.bell).to_have_accessible_name("Notifications, 2 unread")

    async def all_but_the_other() -> bool:
        return {each["data"]["groupId"] for each in await reader.inbox("&unread=true")} == {
            other["id"]
        }

    await eventually(all_but_the_other, seconds=10)


async def test_nothing_shows_beside_the_title_of_the_bell_when_it_is_scrolled(
    bob: Visitor, author: User, reader: User
) -> None:
    await group_with(author, reader, 12)
    dialog = await opened_bell(bob.page)
    await expect(dialog.get_by_role("listitem")).to_have_count(13)
    covered = await dialog.evaluate(
        """dialog => {
          dialog.scrollTop = 300
          const head = dialog.querySelector('.dialog-head')
          const { left, top, height } = dialog.getBoundingClientRect()
          const at = (x) => document.elementFromPoint(x, top + head.offsetHeight / 2)
          return [4, 12, dialog.clientWidth - 4].map((x) => head.contains(at(left + x)))
        }"""
    )
    assert covered == [True, True, True]


async def test_a_notification_of_a_group_that_is_gone_says_so(
    bob: Visitor, author: User, reader: User
) -> None:
    group = await group_with(author, reader, 1)
    await expect(bob.row("Band")).to_be_visible()
    await author.delete(f"/v1/groups/{group['id']}")
    await expect(bob.row("Band")).to_have_count(0)
    dialog = await opened_bell(bob.page)
    await (
        dialog.get_by_role("listitem").filter(has_text="Line 1").get_by_role("button").first.click()
    )
    await expect(bob.page.get_by_role("alert")).to_contain_text("not there any more")

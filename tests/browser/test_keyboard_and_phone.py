"""Without a mouse, and on a narrow screen."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Named, Visit
from tests.browser.visitor import Visitor


async def test_everything_can_be_done_with_the_keyboard_alone(
    visit: Visit, bob: Visitor, named: Named
) -> None:
    alice = await visit(named("Alice"), signs_in=False)
    page, keys = alice.page, alice.page.keyboard
    await expect(page.get_by_label("Your name")).to_be_focused()
    await keys.type(alice.name)
    await keys.press("Enter")
    await alice.is_connected()

    await tab_to(alice, "New conversation")
    await keys.press("Enter")
    await expect(page.get_by_label("Who")).to_be_focused()
    await keys.type(bob.name)
    await keys.press("Enter")
    await expect(alice.composer).to_be_focused()
    await keys.type("No mouse")
    await keys.press("Enter")
    await alice.sees_tick("No mouse", "delivered")

    # The way to a message's receipts, and back to where one was.
    await tab_to(alice, "Delivered: who and when", backwards=True)
    await keys.press("Enter")
    await expect(page.get_by_role("dialog", name="Message")).to_be_visible()
    await keys.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("button", name="Delivered: who and when")).to_be_focused()

    await tab_to(bob, alice.name)
    await bob.page.keyboard.press("Enter")
    await bob.sees("No mouse")
    await expect(bob.composer).to_be_focused()


async def tab_to(visitor: Visitor, name: str, *, backwards: bool = False) -> None:
    """Press Tab until what is so called, or holds that text, has the focus and shows it."""
    passed = []
    for _ in range(40):
        await visitor.page.keyboard.press("Shift+Tab" if backwards else "Tab")
        focused = visitor.page.locator(":focus-visible")
        label = await focused.evaluate("e => e.getAttribute('aria-label') ?? e.innerText")
        passed.append(label)
        if name in label:
            assert await focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
            return
    pytest.fail(f"Tab never reached {name!r}; it passed {passed}")


@pytest.mark.parametrize("width", [320, 430])
async def test_a_phone_shows_the_list_or_one_conversation_and_never_scrolls_sideways(
    visit: Visit, bob: Visitor, named: Named, width: int
) -> None:
    phone = {"viewport": {"width": width, "height": 640}, "has_touch": True, "is_mobile": True}
    alice = await visit(named("Alice"), **phone)
    long = "Donaudampfschifffahrtsgesellschaft" * 2
    await fits(alice)
    await alice.starts_group(long, bob)
    await expect(alice.row(long)).to_be_hidden()
    await alice.writes(long * 3)
    await alice.sees(long * 3)
    await fits(alice)
    await alice.page.get_by_role("button", name="Details").click()
    await fits(alice)
    await alice.page.get_by_role("button", name="Close").click()
    await alice.page.get_by_role("button", name="Back to the list").click()
    await expect(alice.row(long)).to_be_visible()
    await expect(alice.composer).to_be_hidden()
    await fits(alice)
    # The browser's own way back leads where one came from.
    await alice.row(long).click()
    await expect(alice.composer).to_be_visible()
    await alice.page.go_back()
    await expect(alice.row(long)).to_be_visible()
    await alice.bell.click()
    await fits(alice)


async def fits(visitor: Visitor) -> None:
    """Nothing is wider than the screen, neither the page nor an open dialog."""
    wider = await visitor.page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll('dialog')]
            .filter((each) => each.scrollWidth > each.clientWidth || each.scrollWidth > innerWidth)
            .map((each) => each.tagName)"""
    )
    assert wider == []

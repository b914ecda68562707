"""Getting in, and out again."""

import re

from playwright.async_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.fixtures.tokens import token


async def test_two_tabs_of_one_browser_can_be_two_people(alice: Visitor, visit: Visit) -> None:
    page = await alice.context.new_page()
    await page.goto(alice.page.url)
    bob = Visitor(page, f"Bob of {alice.name}")
    await bob.signs_in()
    await alice.starts_dm(bob)
    await alice.writes("Next tab")
    await bob.opens(alice.name)
    await bob.sees("Next tab")


async def test_a_refused_token_leads_to_the_sign_in_and_not_to_a_loop(alice: Visitor) -> None:
    calls: list[str] = []
    alice.page.on("request", lambda request: calls.append(request.url))
    forged = token(alice.user_id, alice.name, iss="somebody-else")
    await alice.page.evaluate(
        """token => {
            const key = 'circles.session'
            const saved = JSON.parse(sessionStorage.getItem(key))
            sessionStorage.setItem(key, JSON.stringify({ ...saved, token }))
        }""",
        forged,
    )
    await alice.page.reload()
    await expect(alice.page.get_by_text("no longer valid")).to_be_visible()
    calls.clear()
    await alice.signs_in()
    await alice.page.get_by_role("button", name="Sign out").click()
    await expect(alice.page.get_by_label("Your name")).to_be_visible()
    await alice.page.reload()
    await expect(alice.page.get_by_label("Your name")).to_be_visible()
    assert len([url for url in calls if "/v1/" in url]) < 30


async def test_where_it_is_switched_off_the_page_says_so(visit: Visit) -> None:
    visitor = await visit("Nobody", signs_in=False)

    async def not_there(route: Route) -> None:
        await route.fulfill(status=404, json={"code": "not_found"})

    await visitor.page.route("**/v1/local", not_there)
    await visitor.page.reload()
    await expect(visitor.page.get_by_text("switched off on this server")).to_be_visible()
    await expect(visitor.page.get_by_label("Your name")).to_have_count(0)


async def test_a_name_that_is_none_is_told_what_is_wrong(visit: Visit) -> None:
    visitor = await visit("...", signs_in=False)
    await visitor.page.get_by_label("Your name").fill("...")
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page.get_by_text("at least one letter or digit")).to_be_visible()
    await expect(visitor.page.get_by_label("Your name")).to_be_focused()


async def test_whoever_is_invited_by_name_is_found_under_it(alice: Visitor, visit: Visit) -> None:
    """The page and the server make the same id of a name."""
    zoe = await visit(f"Zoë 李雷 O’Hara, {alice.name}".replace(",", ""))
    await alice.page.get_by_role("button", name="New conversation").click()
    await alice.page.get_by_label("Who").fill(zoe.name)
    await alice.page.get_by_role("button", name="Start chat").click()
    await alice.writes("Found you")
    await zoe.opens(alice.name)
    await zoe.sees("Found you")


async def test_who_signs_in_next_begins_with_their_own_list(alice: Visitor, bob: Visitor) -> None:
    await alice.starts_group("Band", bob)
    await alice.writes("Only for us")
    await alice.page.get_by_role("button", name="Sign out").click()
    carol = Visitor(alice.page, f"Carol of {alice.name}")
    await carol.signs_in()
    await expect(carol.page.get_by_text("No conversations yet.")).to_be_visible()
    await expect(carol.page.get_by_text("not there")).to_have_count(0)


async def test_a_conversation_is_found_by_its_address(alice: Visitor, bob: Visitor) -> None:
    await alice.starts_group("Band", bob)
    await alice.writes("Here")
    await expect(bob.row("Band")).to_be_visible()

    async def nothing(route: Route) -> None:
        pages = {"page": 1, "limit": 50, "total": 0, "pages": 0}
        await route.fulfill(json={"conversations": [], "pagination": pages})

    await bob.page.route(re.compile(r"/v1/conversations\?"), nothing)
    await bob.page.goto(alice.page.url)
    await bob.page.reload()
    await bob.sees("Here")
    await bob.page.goto(alice.page.url.rpartition("/")[0] + "/01900000-0000-7000-8000-000000000000")
    await expect(bob.page.get_by_text("not there, or no longer yours")).to_be_visible()

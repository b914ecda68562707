"""Reloads, dropped connections and dying services: each message is there once, in its place."""

import re
from http import HTTPStatus

from playwright.async_api import Route, expect

from tests.browser.conftest import Named, Visit
from tests.browser.late import late_answers
from tests.browser.proxy import Proxy
from tests.browser.visitor import Visitor, numbered
from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually


async def test_a_reload_keeps_who_is_signed_in_and_what_is_open(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Trip", bob)
    await bob.opens("Trip")
    await alice.writes("Before")
    await bob.sees("Before")
    await bob.page.reload()
    await alice.writes("Meanwhile")
    await bob.sees("Before", "Meanwhile")
    await bob.is_connected()
    await alice.writes("After")
    await bob.sees("Before", "Meanwhile", "After")


async def test_what_happens_while_a_conversation_loads_is_in_it(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Trip", bob)
    for text in ("Kept", "Taken back"):
        await alice.writes(text)
    async with late_answers(bob.page, r"/messages\?limit=") as late:
        await bob.row("Trip").click()
        await late.asked.wait()
        await alice.deletes("Taken back")
        await alice.writes("Meanwhile")
        await expect(bob.row("Trip")).to_contain_text("Meanwhile")
        late.released.set()
        await bob.sees("Kept", "Message deleted", "Meanwhile")


async def test_what_is_said_while_the_network_is_gone_comes_when_it_is_back(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Trip", bob)
    await bob.opens("Trip")
    await bob.context.set_offline(True)
    await bob.is_connected("Offline")
    for text in numbered(3, "Told"):
        await alice.writes(text)
    await bob.writes("Written offline")
    await expect(bob.page.get_by_text("Not sent yet")).to_be_visible()
    await alice.sees(*numbered(3, "Told"))
    await bob.context.set_offline(False)
    await bob.is_connected()
    await alice.sees(*numbered(3, "Told"), "Written offline")
    await bob.sees(*numbered(3, "Told"), "Written offline")
    await bob.sees_tick("Written offline", "read")


async def test_an_answer_that_never_came_makes_no_second_message(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Trip", bob)
    await bob.opens("Trip")
    taken: list[int] = []

    async def cut_off(route: Route) -> None:
        """The server takes it, and the connection breaks before the answer is back."""
        taken.append((await route.fetch()).status)
        await route.abort("connectionreset")

    await bob.page.route("**/v1/groups/*/messages", cut_off, times=1)
    await bob.writes("Only once")
    await alice.sees("Only once")
    assert taken == [HTTPStatus.CREATED]
    await expect(bob.row("Trip").locator(".ticks")).to_have_attribute("data-state", "read")
    await expect(bob.page.locator(".pending")).to_have_count(0)
    await bob.writes("And on")
    await bob.sees("Only once", "And on")
    await alice.sees("Only once", "And on")


async def test_a_notifier_that_is_killed_costs_nothing(
    alice: Visitor, bob: Visitor, stack: Stack
) -> None:
    await alice.starts_group("Trip", bob)
    await bob.opens("Trip")
    await alice.writes("Before")
    await bob.sees("Before")
    await stack.kill("notifier-1")
    await stack.kill("notifier-2")
    try:
        for text in numbered(3, "While dead"):
            await alice.writes(text)
        await alice.sees("Before", *numbered(3, "While dead"))
    finally:
        await stack.healed()
    await bob.is_connected()
    await bob.sees("Before", *numbered(3, "While dead"))
    await alice.writes("After")
    await bob.sees("Before", *numbered(3, "While dead"), "After")
    await alice.sees_tick("After", "read")


async def test_behind_a_proxy_that_buffers_it_polls_and_later_streams_again(
    visit: Visit, alice: Visitor, proxy: Proxy, named: Named
) -> None:
    proxy.buffers = True
    carol = await visit(named("Carol"), url=proxy.url, signs_in=False)
    await carol.page.get_by_label("Your name").fill(carol.name)
    await carol.page.get_by_role("button", name="Sign in").click()
    await carol.is_connected("Polling")
    await alice.starts_group("Trip", carol)
    await carol.opens("Trip")
    await alice.writes("By poll")
    await carol.sees("By poll")
    await alice.sees_tick("By poll", "read")
    proxy.buffers = False
    proxy.cut()
    await carol.is_connected("Live")
    await alice.writes("By stream")
    await carol.sees("By poll", "By stream")


async def test_tabs_of_one_person_share_a_stream_and_agree(
    alice: Visitor, bob: Visitor, stack: Stack
) -> None:
    await alice.starts_group("Trip", bob)
    tabs = [bob]
    for _ in range(2):
        page = await bob.context.new_page()
        await page.goto(stack.url)
        tabs.append(Visitor(page, bob.name))
        await tabs[-1].signs_in()
    for tab in tabs:
        await tab.opens("Trip")
    await alice.writes("To all tabs")
    await tabs[1].writes("From one tab")
    for tab in tabs:
        await tab.sees("To all tabs", "From one tab")
    assert await streams_of(stack, bob) == 1

    await bob.page.close()
    await alice.writes("To those left")
    for tab in tabs[1:]:
        await tab.sees("To all tabs", "From one tab", "To those left")

    async def one() -> bool:
        return await streams_of(stack, bob) == 1

    await eventually(one)


async def streams_of(stack: Stack, visitor: Visitor) -> int:
    """How many the server holds for them."""
    query = "SELECT count(*) FROM stream_sessions WHERE user_id = $1"
    return int(await stack.tables["notifier"].fetchval(query, visitor.user_id))


async def test_a_tick_never_goes_back_to_an_older_answer(alice: Visitor, bob: Visitor) -> None:
    """The receipt overtakes the answer that says the message was sent."""
    await alice.starts_dm(bob)
    await bob.opens(alice.name)
    async with late_answers(alice.page, r"/messages$"):
        await alice.writes("Overtaken")
        await bob.sees("Overtaken")
        await alice.sees_tick("Overtaken", "read")
    await alice.writes("The next")
    await alice.sees_tick("The next", "read")
    await alice.sees_tick("Overtaken", "read")


async def test_a_group_that_is_gone_does_not_come_back_with_an_older_list(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Gone", bob)
    await expect(bob.row("Gone")).to_be_visible()
    async with late_answers(bob.page, r"/v1/conversations\?") as late:
        await alice.starts_group("New", bob)
        await late.asked.wait()
        await alice.opens("Gone")
        await alice.deletes_group()
        await expect(bob.page.get_by_role("alert")).to_contain_text("deleted Gone")
        late.released.set()
        await expect(bob.row("New")).to_be_visible()
        await expect(bob.row("Gone")).to_have_count(0)


async def test_what_was_written_for_a_group_that_is_gone_is_said_to_be_lost(
    alice: Visitor, bob: Visitor
) -> None:
    await alice.starts_group("Gone", bob)
    await bob.opens("Gone")
    await bob.context.set_offline(True)
    await bob.is_connected("Offline")
    await bob.writes("Too late")
    dialog = await alice.opens_details()
    await dialog.get_by_role("combobox", name=f"Change {bob.name}").select_option("Remove")
    remove = alice.page.get_by_role("dialog", name=re.compile("^Remove"))
    await remove.get_by_role("button", name="Remove", exact=True).click()
    await expect(dialog.get_by_role("listitem")).to_have_count(1)
    await bob.context.set_offline(False)
    await expect(bob.page.get_by_role("alert")).to_contain_text("was not sent")
    await expect(bob.row("Gone")).to_have_count(0)

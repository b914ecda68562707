"""The browser client against the whole system: whatever happens to its stream, its page is told
everything once and in order."""

import re
import time
from pathlib import Path

import pytest

from launcher.paths import ROOT
from tests.fixtures.stack import Stack
from tests.fixtures.tokens import token
from tests.scenarios.pages import BufferingProxy, Page, following, showing
from tests.scenarios.people import User
from tests.scenarios.traffic import SOME, Traffic, going_on


async def more_told(page: Page) -> None:
    await page.told_times(len(page.notifications) + SOME)


@pytest.mark.parametrize("transport", ["fetch", "eventsource"])
async def test_a_page_is_told_everything_once_when_notifiers_die(
    alice: User, bob: User, carol: User, stack: Stack, node: str, transport: str
) -> None:
    group = await alice.creates_group(bob)
    traffic = Traffic(alice, group, guest=carol)
    async with following(node, stack.url, [token(bob.id)], transport=transport) as page:
        await page.hears("state", "live")
        async with going_on(traffic):
            await more_told(page)
            # Its stream is on one of them.
            for victim in ("notifier-1", "notifier-2"):
                await stack.kill(victim)
                await more_told(page)
                await stack.healed()
                await more_told(page)
            assert "connecting" in page.of("state")
            page.reload()
            await more_told(page)
        await stack.settled()
        await page.has_all_of(bob)
    assert "reset" not in [name for name, _ in page.heard]


async def test_a_page_behind_a_proxy_that_buffers_is_told_everything(
    alice: User, bob: User, carol: User, stack: Stack, node: str
) -> None:
    group = await alice.creates_group(bob)
    proxy = BufferingProxy(stack.url)
    async with proxy.running() as url, following(node, url, [token(bob.id)]) as page:
        async with going_on(Traffic(alice, group, guest=carol)):
            await page.hears("state", "polling")
            await more_told(page)
            proxy.buffers = False
            await page.hears("state", "live")
            await more_told(page)
        await stack.settled()
        await page.has_all_of(bob)
    assert page.of("state").count("polling") == 1


async def test_a_page_goes_on_when_its_token_expires(
    alice: User, bob: User, carol: User, stack: Stack, node: str
) -> None:
    group = await alice.creates_group(bob)
    expires_at = int(time.time()) + 5
    tokens = [token(bob.id, exp=expires_at), token(bob.id)]
    async with following(node, stack.url, tokens) as page:
        await page.hears("state", "live")
        async with going_on(Traffic(alice, group, guest=carol)):
            while time.time() < expires_at + 1:
                await more_told(page)
            await more_told(page)
            await page.hears("state", "live")
        await stack.settled()
        await page.has_all_of(bob)
    assert "signed-out" not in page.of("state")
    assert len(page.of("token")) > 1


async def test_a_page_whose_every_token_is_refused_is_signed_out(
    bob: User, stack: Stack, node: str
) -> None:
    expired = token(bob.id, exp=int(time.time()) - 60)
    async with following(node, stack.url, [expired]) as page:
        await page.hears("state", "signed-out")


async def test_what_a_page_heard_is_what_the_sender_sees_as_delivered(
    alice: User, bob: User, stack: Stack, node: str
) -> None:
    group = await alice.creates_group(bob)
    async with following(node, stack.url, [token(bob.id)]) as page, alice.stream() as alices:
        await page.hears("state", "live")
        message = await alice.sends(group)
        await alices.told("message.delivered", upToSeq=message["seq"])
    assert page.notifications[-1]["data"]["messageId"] == message["id"]


async def test_the_example_of_the_clients_readme_works_as_written(
    alice: User, bob: User, stack: Stack, node: str, tmp_path: Path
) -> None:
    readme = (ROOT / "web" / "client" / "README.md").read_text()
    example = re.findall(r"```js\n(.*?)```", readme, re.DOTALL)[0]
    assert example.count("\n") <= 20
    script = tmp_path / "example.mjs"
    client = (ROOT / "web" / "client" / "index.js").as_uri()
    script.write_text(example.replace("'/client/index.js'", f"'{client}'"))
    group = await alice.creates_group(bob)
    await alice.sends(group, "Before")
    async with showing(node, script, stack.url, token(bob.id)) as page:
        await page.hears("title", "live")
        await page.hears("messages", "Alice: Before")
        await alice.sends(group, "Soup at noon?")
        await page.hears("messages", "Alice: Before\nAlice: Soup at noon?")


async def test_the_gateway_serves_the_client_and_nothing_around_it(alice: User) -> None:
    async with alice.http.get("/client/index.js") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/javascript"
        assert await answer.text() == (ROOT / "web" / "client" / "index.js").read_text()
    for path in ("/client", "/client/", "/client/nothing.js", "/client/%2e%2e/tsconfig.json"):
        assert (await alice.get(path)).status == 404, path

"""People in browsers, on one stack that runs for all of these tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright

from launcher import chromium
from tests.browser.proxy import Proxy
from tests.browser.visitor import Visitor
from tests.fixtures.stack import Stack

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
DESKTOP = {"width": 1100, "height": 720}

Visit = Callable[..., Awaitable[Visitor]]
Named = Callable[[str], str]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = chromium.find()
    if program is None:
        pytest.fail(chromium.MISSING, pytrace=False)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def visit(browser: Browser, stack: Stack) -> AsyncIterator[Visit]:
    """Brings somebody to the app in a browser of their own, and signs them in. In the end, no page
    may have thrown an error or broken its own policy."""
    broken: list[str] = []
    async with AsyncExitStack() as cleanup:

        async def visiting(
            name: str, *, url: str = stack.url, signs_in: bool = True, **options: Any
        ) -> Visitor:
            context = await browser.new_context(
                **{"viewport": DESKTOP, "locale": "en-GB", **options}
            )
            cleanup.push_async_callback(context.close)
            context.on("page", lambda page: _watch(page, broken))
            page = await context.new_page()
            await page.goto(url)
            visitor = Visitor(page, name)
            if signs_in:
                await visitor.signs_in()
            return visitor

        yield visiting
    assert not broken, broken


def _watch(page: Page, broken: list[str]) -> None:
    def thrown(error: Error) -> None:
        broken.append(f"thrown: {error.stack or error}")

    def said(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            broken.append(message.text)

    page.on("pageerror", thrown)
    page.on("console", said)


@pytest.fixture
def named() -> Named:
    """Names that nobody has used yet."""
    return lambda name: f"{name} {uuid4().hex[:6]}"


@pytest.fixture
async def alice(visit: Visit, named: Named) -> Visitor:
    return await visit(named("Alice"))


@pytest.fixture
async def bob(visit: Visit, named: Named) -> Visitor:
    return await visit(named("Bob"))


@pytest.fixture
async def proxy(stack: Stack) -> AsyncIterator[Proxy]:
    """On the way to the gateway."""
    async with Proxy(int(stack.url.rpartition(":")[2])).running() as proxy:
        yield proxy

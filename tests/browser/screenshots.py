"""Pictures of the app for the documentation: `make screenshots`.

They are taken from the real system, whose clock is then set to that of the scene.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from io import BytesIO
from typing import Any, Literal

import aiohttp
import pytest
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, expect

from launcher.paths import ROOT
from tests.browser.scene import HIKE, ME, NOW, PEOPLE, TALKS, Talk, ago
from tests.fixtures.stack import Stack
from tests.fixtures.tokens import bearer, token
from tests.fixtures.waiting import eventually

FOLDER = ROOT / "docs" / "screenshots"
SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": 1120, "height": 720},
    "phone": {"width": 390, "height": 720},
}
MOST_COLOURS = 1 << 24
Scheme = Literal["light", "dark"]

_DATE_EVENTS = """
UPDATE events SET created_at = $1::timestamptz - interval '3 seconds' * dated.place FROM (
    SELECT id, row_number() OVER (ORDER BY created_at DESC) AS place FROM events
) dated WHERE dated.id = events.id
"""

Calls = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
async def call(stack: Stack) -> AsyncIterator[Calls]:
    """Calls the API as one of the people; those have a stream open, so that they are there."""
    async with AsyncExitStack() as cleanup:
        http = await cleanup.enter_async_context(aiohttp.ClientSession(stack.url))

        async def called(user: str, method: str, path: str, **body: object) -> Any:
            headers = bearer(user, PEOPLE[user])
            options: dict[str, Any] = {"json": body} if body else {}
            async with http.request(method, path, headers=headers, **options) as answer:
                assert answer.ok, await answer.text()
                return await answer.json()

        for user in PEOPLE:
            # Groups learns names from calls.
            await called(user, "GET", "/v1/groups")
            if user != ME[0]:
                stream = http.get("/v1/sse/stream", headers=bearer(user))
                await cleanup.enter_async_context(stream)
        yield called


@pytest.fixture(scope="session")
async def scene(stack: Stack, call: Calls) -> dict[str, str]:
    """Everything was said, at the times of the scene; group ids by name."""
    ids = {}
    for talk in TALKS:
        ids[talk.name or talk.members[0]] = await said(talk, stack, call)
    await stack.settled()
    await stack.tables["notifier"].execute(_DATE_EVENTS, NOW)
    await call(ME[0], "PATCH", "/v1/notifications/read-all")
    return ids


async def said(talk: Talk, stack: Stack, call: Calls) -> str:
    creator, *others = talk.members
    if talk.name:
        body = {"name": talk.name, "memberIds": others}
        group = await call(creator, "POST", "/v1/groups", **body)
    else:
        group = await call(creator, "POST", "/v1/groups/dm", recipientId=others[0])
    chat = stack.tables["chat"]
    begin = ago(talk.lines[0].minutes) - timedelta(minutes=9)

    async def begun() -> bool:
        query = "UPDATE messages SET created_at = $2 WHERE group_id = $1"
        return bool((await chat.execute(query, group["id"], begin)).removeprefix("UPDATE ") == "1")

    await eventually(begun)
    for line in talk.lines:
        path = f"/v1/groups/{group['id']}/messages"
        message = await call(line.sender, "POST", path, content=line.text)
        await chat.execute(
            "UPDATE messages SET created_at = $2 WHERE id = $1", message["id"], ago(line.minutes)
        )
        for reader in line.read_by:
            await call(reader, "POST", f"/v1/messages/{message['id']}/read")
    for service in ("groups", "chat"):
        query = "UPDATE groups SET created_at = $2 WHERE id = $1"
        await stack.tables[service].execute(query, group["id"], begin)
    return str(group["id"])


async def opened(browser: Browser, stack: Stack, size: str, scheme: Scheme) -> Page:
    """The app, signed in as the one whom the pictures are of."""
    context = await browser.new_context(
        viewport=SIZES[size],
        color_scheme=scheme,
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
        has_touch=size == "phone",
    )
    page = await context.new_page()
    await page.clock.set_fixed_time(NOW)
    await page.goto(f"{stack.url}/app/icon.svg")
    session = {"token": token(*ME), "userId": ME[0], "name": ME[1]}
    await page.evaluate(
        "session => sessionStorage.setItem('circles.session', JSON.stringify(session))", session
    )
    return page


async def taken(page: Page, name: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    await page.mouse.move(0, 0)
    shot = await page.screenshot(animations="disabled", caret="hide")
    smaller(Image.open(BytesIO(shot)).convert("RGB")).save(FOLDER / f"{name}.png", optimize=True)


def smaller(picture: Image.Image) -> Image.Image:
    """With the colours that most of it has, so that a byte names one: a third of the size. Surfaces
    keep theirs exactly; only edges of letters and shadows move to the nearest."""
    counted = sorted(picture.getcolors(MOST_COLOURS) or [], reverse=True)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in counted[:256] for part in _parts(colour)])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def _parts(colour: object) -> tuple[int, ...]:
    assert isinstance(colour, tuple), "a picture in RGB has three parts to each colour"
    return colour


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
async def test_take_pictures(
    browser: Browser, stack: Stack, scene: dict[str, str], size: str, scheme: Scheme
) -> None:
    page = await opened(browser, stack, size, scheme)
    await page.goto(f"{stack.url}/")
    await expect(page.locator(".connection")).to_have_text("Live")
    await expect(page.locator(".row")).to_have_count(len(TALKS))
    if size == "phone":
        await expect(page.locator(".row .dot-online")).to_have_count(2)
        await taken(page, f"list-{size}-{scheme}")
    await page.goto(f"{stack.url}/#/c/{scene[HIKE.name]}")
    await expect(page.locator(".message")).to_have_count(len(HIKE.lines))
    await expect(page.locator(".row .dot-online")).to_have_count(2)
    await page.evaluate("document.activeElement.blur()")
    await taken(page, f"conversation-{size}-{scheme}")

    await page.get_by_role("button", name="who and when").last.click()
    await expect(page.locator(".reached")).to_have_count(2)
    await page.evaluate("document.activeElement.blur()")
    await taken(page, f"receipts-{size}-{scheme}")
    await page.keyboard.press("Escape")

    if size == "desktop":
        await page.get_by_role("button", name="Details").click()
        await expect(page.locator(".people .dot-online")).to_have_count(4)
        await page.evaluate("document.activeElement.blur()")
        await taken(page, f"group-{size}-{scheme}")
    await page.context.close()

"""Answers that are older than what is told meanwhile: most of what goes wrong in a page."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Page, Route


@dataclass(frozen=True)
class Late:
    """`asked` is set once the server has answered; the page has the answer once `released` is."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def late_answers(page: Page, pattern: str) -> AsyncIterator[Late]:
    """Holds back what is answered to calls of these addresses; ends once all of it was given."""
    late = Late()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        late.asked.set()
        await late.released.wait()
        await route.fulfill(response=answer)

    await page.route(re.compile(pattern), hold)
    try:
        yield late
    finally:
        late.released.set()
        await page.unroute_all(behavior="wait")

"""What all of it shares; the long form leaves its figures behind."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import aiohttp
import pytest

from launcher.paths import ROOT
from tests.fixtures.stack import Stack
from tests.fuzz.effort import SECONDS, TARGETS, Effort
from tests.fuzz.report import page

PAGE = ROOT / "docs" / "security" / "fuzzing.md"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/fuzz/" in item.nodeid and SECONDS:
            item.add_marker(pytest.mark.timeout(SECONDS + 240))


@pytest.fixture(scope="session")
def effort(request: pytest.FixtureRequest) -> Iterator[Effort]:
    made = Effort()
    yield made
    # A part of it is no run to speak of, and one that failed has broken a promise of the page.
    is_whole = made.figures.keys() == TARGETS.keys() and not request.session.testsfailed
    if SECONDS and is_whole:
        today = datetime.now(UTC).date()
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(made.figures, SECONDS, today, os.cpu_count() or 1))


@pytest.fixture(scope="session")
async def http(stack: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(stack.url, timeout=timeout) as session:
        yield session

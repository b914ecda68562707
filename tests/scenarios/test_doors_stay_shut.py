"""Whatever a caller shows, no door opens that is not theirs."""

from http import HTTPStatus

import aiohttp
import pytest
from aiohttp import ClientTimeout

from tests.access.doors import CREDENTIALS, KINDS, Kind, Shown
from tests.fixtures.stack import Stack
from tests.scenarios.people import User


async def status_of(http: aiohttp.ClientSession, method: str, url: str, shown: Shown) -> int:
    """Of the answer's head: a stream that opens is not read."""
    address = f"{url}?{shown.query}" if shown.query else url
    async with http.request(
        method, address, headers=shown.headers, timeout=ClientTimeout(total=10)
    ) as answer:
        return answer.status


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_door_opens_to_what_it_takes_and_to_nothing_else(
    alice: User, stack: Stack, http: aiohttp.ClientSession, kind: Kind
) -> None:
    for name, credential in CREDENTIALS.items():
        shown = await credential(alice)
        for method, path, service in kind.doors:
            url = f"{stack.url_of(f'{service}-1') if service else stack.url}{path}"
            if name in kind.opened_by:
                # Let in: what it then says of what is not there, or is missing, is another matter.
                if path.endswith("/poll"):
                    shown = Shown(shown.headers, f"{shown.query}&timeout=0")
                status = await status_of(http, method, url, shown)
                assert status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN), (name, path)
            else:
                status = await status_of(http, method, url, shown)
                assert status == kind.refused, (name, method, path)

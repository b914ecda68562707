"""Somebody is signed out: what they listen to ends, wherever it is, and nobody else's does."""

import asyncio
from http import HTTPStatus
from urllib.parse import quote

import pytest

from shared.web.service_tokens import ServiceTokens
from tests.builders import a_message_sent
from tests.fixtures.tokens import SECRET, SERVICE_SECRET, bearer
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Start, Told
from tests.integration.notifier.people import PATIENCE


def service_bearer(secret: str = SERVICE_SECRET) -> dict[str, str]:
    return {"Authorization": f"Bearer {ServiceTokens(secret, 'accounts').new()}"}


async def disconnect(replica: Replica, user_id: str, headers: dict[str, str]) -> int:
    path = f"/internal/v1/users/{quote(user_id, safe='')}/disconnect"
    async with replica.client.post(path, headers=headers) as answer:
        return answer.status


async def test_all_their_streams_and_polls_end_on_every_replica(start: Start, tell: Told) -> None:
    here, there = await start(), await start()
    poll = asyncio.create_task(there.person("bob").poll(timeout=60))
    async with (
        here.person("bob").listening() as first,
        there.person("bob").listening() as second,
        there.person("carol").listening() as carols,
    ):
        await eventually(lambda: there.streams == 3)
        assert await disconnect(here, "bob", service_bearer()) == HTTPStatus.NO_CONTENT
        # Long before a heartbeat, and long before the poll would answer by itself.
        async with asyncio.timeout(PATIENCE):
            for stream in (first, second):
                [closed] = await stream.rest()
                assert (closed.name, closed.json) == ("closed", {"reason": "disconnected"})
            assert (await poll).body["notifications"] == []
        await tell(a_message_sent(to=("bob", "carol")))
        assert len(await carols.take(1)) == 1


async def test_who_comes_back_with_a_good_token_has_missed_nothing(
    start: Start, tell: Told
) -> None:
    replica = await start()
    bob = replica.person("bob")
    async with bob.listening() as stream:
        await disconnect(replica, "bob", service_bearer())
        await stream.rest()
    await tell(a_message_sent())
    async with bob.listening(stream.cursor or None) as stream:
        assert len(await stream.take(1)) == 1


@pytest.mark.parametrize("user_id", ["a/b", "user@example.com", "%2C", "x" * 128])
async def test_any_user_id_fits_into_the_path(start: Start, user_id: str) -> None:
    assert await disconnect(await start(), user_id, service_bearer()) == HTTPStatus.NO_CONTENT


async def test_only_services_may(start: Start) -> None:
    replica = await start()
    for headers in ({}, bearer("bob"), bearer("admin"), service_bearer(SECRET)):
        assert await disconnect(replica, "bob", headers) == HTTPStatus.UNAUTHORIZED
    assert await disconnect(replica, "b b", service_bearer()) == HTTPStatus.NOT_FOUND

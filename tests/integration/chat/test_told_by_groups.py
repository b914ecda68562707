"""Groups tells chat of a change before it answers: chat's copy then has it, whatever the broker
does."""

from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient

from shared.web.service_tokens import ServiceTokens
from tests.fixtures.tokens import SERVICE_SECRET, bearer
from tests.integration.chat.conftest import World

Client = TestClient[Any, Any]


async def told(client: Client, group_id: str, headers: dict[str, str] | None = None) -> int:
    token = ServiceTokens(SERVICE_SECRET, "groups").new()
    async with client.put(
        f"/internal/v1/groups/{group_id}/changed",
        headers=headers or {"Authorization": f"Bearer {token}"},
    ) as answer:
        return answer.status


async def test_once_told_chat_knows_who_is_in_without_anybody_calling(world: World) -> None:
    alice = world.person("alice")
    group_id = await world.person("alice").creates_group("bob")
    assert await told(world.chat, group_id) == 204
    count = await world.database.fetchval(
        "SELECT count(*) FROM memberships WHERE group_id = $1 AND left_seq IS NULL", group_id
    )
    assert count == 2
    assert [c["group"]["id"] for c in (await alice.get("/v1/conversations")).body["conversations"]]


async def test_being_told_again_changes_nothing(world: World) -> None:
    group_id = await world.person("alice").creates_group("bob")
    for _ in range(3):
        assert await told(world.chat, group_id) == 204
    await world.handled()
    history = await world.person("alice").history(group_id)
    assert [message["type"] for message in history] == ["system"]


async def test_a_group_that_does_not_exist_is_no_failure(world: World) -> None:
    assert await told(world.chat, str(uuid4())) == 204


@pytest.mark.parametrize("token", [None, "client"])
async def test_clients_can_not_come_in_there(world: World, token: str | None) -> None:
    headers = bearer("alice") if token else {"X-Nothing": ""}
    assert await told(world.chat, str(uuid4()), headers) == 401

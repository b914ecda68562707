"""Chat hears of a change before whoever made it is answered; and no change depends on chat."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.groups.app import create_app
from services.groups.settings import Settings
from shared.web import best_effort
from shared.web.service_tokens import ServiceTokens
from tests.fixtures.people import Person
from tests.fixtures.tokens import SERVICE_SECRET
from tests.integration.groups.helpers import a_group


@dataclass
class Stub:
    """Stands where chat is; notes what it is told, and fails as told."""

    told: list[str] = field(default_factory=list)
    status: int = 204
    hold: asyncio.Event | None = None

    async def changed(self, request: web.Request) -> web.Response:
        ServiceTokens(SERVICE_SECRET, "chat").check(request)
        self.told.append(request.match_info["id"])
        if self.hold is not None:
            await self.hold.wait()
        return web.Response(status=self.status)


@pytest.fixture
async def stub() -> Stub:
    return Stub()


@asynccontextmanager
async def served(settings: Settings, stub: Stub) -> AsyncIterator[Callable[[str], Person]]:
    """Groups, with the stub for chat."""
    app = web.Application()
    app.router.add_put("/internal/v1/groups/{id}/changed", stub.changed)
    async with TestServer(app) as chat:
        told = Settings.model_validate(
            {**settings.model_dump(), "chat_url": str(chat.make_url(""))}
        )
        async with TestClient(TestServer(create_app(told))) as client:
            yield lambda user_id: Person(client, user_id)


async def test_every_change_is_told_once_before_it_is_answered(
    settings: Settings, stub: Stub
) -> None:
    async with served(settings, stub) as person:
        alice, bob = person("alice"), person("bob")
        group = await a_group(alice, "bob", "carol")
        path = f"/v1/groups/{group['id']}"
        calls = [
            await alice.patch(path, {"name": "Bouldering"}),
            await alice.post(f"{path}/members", {"memberIds": ["dave"]}),
            await alice.delete(f"{path}/members/dave"),
            await alice.patch(f"{path}/members/bob/role", {"role": "admin"}),
            await person("carol").post(f"{path}/leave"),
            await alice.post(f"{path}/transfer", {"userId": "bob"}),
            await bob.delete(path),
        ]
        assert [answer.status for answer in calls] == [200] * len(calls)
        assert stub.told == [group["id"]] * (1 + len(calls))
        dm = await alice.post("/v1/groups/dm", {"recipientId": "bob"})
        assert stub.told[-1] == dm.body["id"]


async def test_what_changes_nothing_tells_nothing(settings: Settings, stub: Stub) -> None:
    async with served(settings, stub) as person:
        alice, bob = person("alice"), person("bob")
        group = await a_group(alice, "bob")
        stub.told.clear()
        path = f"/v1/groups/{group['id']}"
        assert (await alice.get(path)).status == 200
        assert (await bob.patch(path, {"name": "Mine"})).status == 403
        assert (await alice.patch(path, {"name": ""})).status == 422
        assert stub.told == []


@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_a_change_holds_whatever_chat_answers(
    settings: Settings, stub: Stub, status: int
) -> None:
    stub.status = status
    async with served(settings, stub) as person:
        group = await a_group(person("alice"), "bob")
        assert stub.told == [group["id"]]


async def test_a_change_holds_while_nobody_listens_where_chat_is(alice: Person) -> None:
    await a_group(alice, "bob")


async def test_silent_chat_is_waited_for_once_and_not_for_every_change(
    settings: Settings, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best_effort, "ANSWER_SECONDS", 0.05)
    stub.hold = asyncio.Event()
    async with served(settings, stub) as person:
        for _ in range(3):
            await a_group(person("alice"), "bob")
        assert len(stub.told) == 1
        stub.hold.set()


async def test_chat_that_failed_is_told_of_the_next_change(settings: Settings, stub: Stub) -> None:
    stub.status = 503
    async with served(settings, stub) as person:
        await a_group(person("alice"), "bob")
        await a_group(person("alice"), "bob")
        assert len(stub.told) == 2

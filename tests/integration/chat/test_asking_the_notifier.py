"""A deletion is answered once the notifier knows of it; and no deletion depends on the notifier."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.web import best_effort
from shared.web.service_tokens import ServiceTokens
from tests.fixtures.tokens import SERVICE_SECRET
from tests.integration.chat.conftest import Client, Member, World, started_chat


@dataclass
class Stub:
    """Stands where the notifier is; notes what it is asked, and answers as told."""

    asked: list[str] = field(default_factory=list)
    status: int = 204
    hold: asyncio.Event | None = None
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def deletion(self, request: web.Request) -> web.Response:
        ServiceTokens(SERVICE_SECRET, "notifier").check(request)
        self.asked.append(request.match_info["id"])
        self.heard.set()
        if self.hold is not None:
            await self.hold.wait()
        return web.Response(status=self.status)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Yields its address."""
        app = web.Application()
        app.router.add_get("/internal/v1/messages/{id}/deletion", self.deletion)
        async with TestServer(app) as server:
            yield str(server.make_url(""))


@asynccontextmanager
async def asking(environment: Mapping[str, str], *stubs: Stub) -> AsyncIterator[Client]:
    """Chat, with the stubs for the notifier's replicas."""
    async with (
        stubs[0].listening() as first,
        stubs[-1].listening() as last,
        started_chat({**environment, "notifier_url": f"{first} {last}"}) as chat,
    ):
        yield chat


@pytest.fixture
async def stub() -> Stub:
    return Stub()


async def deletes(chat: Client, member: Member, message: Mapping[str, object]) -> int:
    async with chat.delete(f"/v1/messages/{message['id']}", headers=member.headers) as answer:
        return answer.status


async def test_a_deletion_is_answered_once_the_notifier_knows_of_it(
    chat_environment: Mapping[str, str],
    alice: Member,
    bob: Member,
    stub: Stub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # However slow this machine is: the answer comes.
    monkeypatch.setattr(best_effort, "ANSWER_SECONDS", 10.0)
    message = await alice.sends(await alice.creates_group(bob))
    stub.hold = asyncio.Event()
    async with asking(chat_environment, stub) as chat:
        deleting = asyncio.create_task(deletes(chat, alice, message))
        async with asyncio.timeout(10):
            await stub.heard.wait()
        # Committed by now, and still unanswered.
        assert (await bob.get(f"/v1/messages/{message['id']}")).body["isDeleted"] is True
        assert not deleting.done()
        stub.hold.set()
        assert await deleting == 200
    assert stub.asked == [message["id"]]


async def test_deleting_again_asks_again_and_what_is_refused_asks_nothing(
    chat_environment: Mapping[str, str], alice: Member, bob: Member, stub: Stub
) -> None:
    message = await alice.sends(await alice.creates_group(bob))
    async with asking(chat_environment, stub) as chat:
        assert await deletes(chat, bob, message) == 403
        assert stub.asked == []
        for _ in range(2):
            assert await deletes(chat, alice, message) == 200
    assert stub.asked == [message["id"]] * 2


@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_a_deletion_holds_whatever_the_notifier_answers(
    chat_environment: Mapping[str, str], alice: Member, stub: Stub, status: int
) -> None:
    group = await alice.creates_group("bob")
    stub.status = status
    async with asking(chat_environment, stub) as chat:
        for _ in range(2):
            assert await deletes(chat, alice, await alice.sends(group)) == 200
    assert len(stub.asked) == 2, "who says no is there, and asked again"


async def test_a_deletion_waits_for_nobody_where_no_notifier_listens(
    world: World, alice: Member
) -> None:
    message = await alice.sends(await alice.creates_group("bob"))
    began = time.monotonic()
    assert await deletes(world.chat, alice, message) == 200
    assert time.monotonic() - began < best_effort.ANSWER_SECONDS


async def test_a_silent_notifier_is_waited_for_once_and_not_for_every_deletion(
    chat_environment: Mapping[str, str],
    alice: Member,
    stub: Stub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(best_effort, "ANSWER_SECONDS", 0.05)
    group = await alice.creates_group("bob")
    stub.hold = asyncio.Event()
    async with asking(chat_environment, stub) as chat:
        for _ in range(3):
            assert await deletes(chat, alice, await alice.sends(group)) == 200
        assert len(stub.asked) == 1
        stub.hold.set()


async def test_after_a_silent_replica_another_is_asked(
    chat_environment: Mapping[str, str],
    alice: Member,
    stub: Stub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(best_effort, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(best_effort, "PAUSE_SECONDS", 0.0)
    group = await alice.creates_group("bob")
    stub.hold = asyncio.Event()
    other = Stub()
    async with asking(chat_environment, stub, other) as chat:
        messages = [await alice.sends(group) for _ in range(2)]
        for message in messages:
            assert await deletes(chat, alice, message) == 200
        stub.hold.set()
    assert (stub.asked, other.asked) == ([messages[0]["id"]], [messages[1]["id"]])

"""Asking groups: bounded, once, and only when the copy can't tell."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from services.chat import groups_client
from services.chat.actions.ask_groups import GroupCopy
from shared.web import peer
from tests.fixtures.waiting import eventually
from tests.integration.chat.conftest import Member, World, started_chat

# As many as find a connection to the database at once: who waits for one may be refused.
MANY = 5


@dataclass
class Stub:
    """Stands where groups is; counts questions, and fails as told."""

    asked: list[str] = field(default_factory=list)
    status: int = 404
    body: str = "{}"
    hold: asyncio.Event | None = None

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.match_info["id"])
        assert request.headers["Authorization"].startswith("Bearer ")
        if self.hold is not None:
            await self.hold.wait()
        return web.Response(status=self.status, text=self.body)


@pytest.fixture
async def stub() -> Stub:
    return Stub()


@pytest.fixture
async def stubbed(
    stub: Stub, chat_environment: Mapping[str, str], world: World
) -> AsyncIterator[World]:
    """A second replica of chat that asks the stub."""
    app = web.Application()
    app.router.add_get("/internal/v1/groups/{id}", stub.answer)
    async with (
        TestServer(app) as server,
        started_chat({**chat_environment, "groups_url": str(server.make_url("/"))}) as chat,
    ):
        yield World(chat, world.groups, world.broker, world.database, world.groups_database)


@pytest.mark.parametrize(("status", "body"), [(500, ""), (200, "{}"), (200, "x"), (401, "")])
async def test_while_groups_is_away_an_unknown_group_is_unavailable_not_missing(
    stub: Stub, stubbed: World, status: int, body: str
) -> None:
    stub.status, stub.body = status, body
    bob = stubbed.person("bob")
    answer = await bob.try_to_send(str(uuid4()))
    assert (answer.status, answer.code) == (503, "groups_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


async def test_what_the_copy_knows_works_without_groups(
    stub: Stub, stubbed: World, alice: Member, bob: Member, carol: Member
) -> None:
    stub.status = 500
    group = await alice.creates_group(bob)
    await alice.groups.patch(f"/v1/groups/{group}", {"settings": {"onlyAdminsCanMessage": True}})
    await stubbed.handled()
    message = await stubbed.person("alice").sends(group)
    assert await stubbed.person("bob").reads(message) == message["seq"]
    assert stub.asked == []
    refused = await stubbed.person("bob").try_to_send(group)
    assert (refused.status, refused.code) == (403, "only_admins_can_message")
    assert (await stubbed.person("carol").try_to_send(group)).status == 503


async def test_a_stranger_can_not_use_chat_to_hammer_groups(stub: Stub, stubbed: World) -> None:
    bob, group = stubbed.person("bob"), str(uuid4())
    answers = [await bob.try_to_send(group) for _ in range(10)]
    assert {answer.status for answer in answers} == {404}
    assert len(stub.asked) <= 2


async def test_many_who_wait_for_one_group_share_the_question(
    stub: Stub, stubbed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, waiters = GroupCopy._ask, 0

    async def counted(copy: GroupCopy, group_id: UUID) -> float:
        nonlocal waiters
        waiters += 1
        return await ask(copy, group_id)

    def have_asked(number: int, questions: int) -> Callable[[], Awaitable[bool]]:
        async def so_many() -> bool:
            return (waiters, len(stub.asked)) == (number, questions)

        return so_many

    monkeypatch.setattr(GroupCopy, "_ask", counted)
    # A busy machine may take longer to bring all of them there than a call would wait.
    monkeypatch.setattr(groups_client, "ANSWER_SECONDS", 60.0)
    stub.hold = first = asyncio.Event()
    group = str(uuid4())
    waiting = [
        asyncio.create_task(stubbed.person(f"u{n}").get(f"/v1/groups/{group}/messages"))
        for n in range(MANY)
    ]
    await eventually(have_asked(MANY, 1))
    stub.hold = second = asyncio.Event()
    first.set()
    # Those who joined a question on its way ask once more: its answer may have been too old.
    await eventually(have_asked(2 * MANY - 1, 2))
    second.set()
    assert {answer.status for answer in await asyncio.gather(*waiting)} == {404}
    assert len(stub.asked) == 2


async def test_a_silent_groups_service_is_given_up_on(stub: Stub, stubbed: World) -> None:
    stub.hold = asyncio.Event()
    started = asyncio.get_running_loop().time()
    answer = await stubbed.person("bob").try_to_send(str(uuid4()))
    assert (answer.status, answer.code) == (503, "groups_unavailable")
    assert asyncio.get_running_loop().time() - started < 4.5
    stub.hold.set()


async def test_while_one_replica_of_groups_is_away_another_is_asked(
    chat_environment: Mapping[str, str], world: World, alice: Member, bob: Member
) -> None:
    away = f"http://127.0.0.1:{unused_port()}"
    urls = f"{away} {chat_environment['groups_url']}"
    group = await alice.creates_group(bob)
    async with started_chat({**chat_environment, "groups_url": urls}) as chat:
        here = World(chat, world.groups, world.broker, world.database, world.groups_database)
        assert await here.person("bob").sends(group)
        # Nobody knows it, which only a replica that answers can say.
        assert (await here.person("bob").try_to_send(str(uuid4()))).status == 404


async def test_a_silent_replica_of_groups_is_asked_last_from_then_on(
    stub: Stub,
    chat_environment: Mapping[str, str],
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peer, "TRY_SECONDS", 0.2)
    stub.hold = asyncio.Event()
    app = web.Application()
    app.router.add_get("/internal/v1/groups/{id}", stub.answer)
    async with TestServer(app) as silent:
        urls = f"{silent.make_url('/')} {chat_environment['groups_url']}"
        async with started_chat({**chat_environment, "groups_url": urls}) as chat:
            here = World(chat, world.groups, world.broker, world.database, world.groups_database)
            for _ in range(3):
                assert (await here.person("bob").try_to_send(str(uuid4()))).status == 404
            assert len(stub.asked) == 1
        stub.hold.set()


async def test_when_every_replica_of_groups_is_away_an_unknown_group_is_unavailable(
    chat_environment: Mapping[str, str], world: World
) -> None:
    urls = " ".join(f"http://127.0.0.1:{unused_port()}" for _ in range(3))
    async with started_chat({**chat_environment, "groups_url": urls}) as chat:
        here = World(chat, world.groups, world.broker, world.database, world.groups_database)
        answer = await here.person("bob").try_to_send(str(uuid4()))
        assert (answer.status, answer.code) == (503, "groups_unavailable")

"""Crooked requests at the gateway: none reaches an internal door, puts the next request on the
connection out of step, reaches somebody else's, or changes what no answer says is changed."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from uuid import uuid4

import aiohttp
import pytest
from yarl import URL

from shared.web.service_tokens import ServiceTokens
from tests.fixtures.sse import Stream
from tests.fixtures.stack import Stack
from tests.fixtures.tokens import SERVICE_SECRET
from tests.fuzz.crooked_requests import (
    CODINGS,
    DISGUISES,
    INSIDE,
    LENGTHS,
    OVERRIDES,
    REWRITES,
    Attack,
    Scene,
    disguised,
    group_request,
    head,
    made_up,
    odd_lines,
    rewritten,
    smuggling,
)
from tests.fuzz.effort import SECONDS, Effort, Figures
from tests.fuzz.raw_http import NotHttp, answers, exchanged
from tests.scenarios.people import User

AT_ONCE = 8
# What only an internal door, the metrics or a probe would say.
INSIDE_WORDS = (b"# HELP", b'"facts"', b'"status": "ready"', b"python_info", b'"members_version"')
STATUS = re.compile(rb"HTTP/1\.[01] ([2-5][0-9]{2}) ")
# For a coding or a version of HTTP that a server does not know: its refusals by the standard (RFC
# 9112, section 6.1; RFC 9110, section 15.6.6), not its failures.
NOT_UNDERSTOOD = frozenset({501, 505})
CALM = "GET /v1/notifications/unread-count"


class Ground:
    """Somebody who attacks, and a victim who listens and calls meanwhile."""

    def __init__(self, stack: Stack, attacker: User, victim: User, group_id: str) -> None:
        self.stack = stack
        self.attacker = attacker
        self.victim = victim
        self._looking = asyncio.Lock()
        url = URL(stack.url)
        self.scene = Scene(
            f"{url.host}:{url.port}",
            attacker.headers["Authorization"].partition(" ")[2],
            ServiceTokens(SERVICE_SECRET, "accounts").new(),
            group_id,
            victim.id,
        )

    def renew(self) -> None:
        """Tokens of services live for a minute."""
        token = ServiceTokens(SERVICE_SECRET, "accounts").new()
        self.scene = Scene(
            self.scene.host, self.scene.token, token, self.scene.group_id, self.scene.victim_id
        )

    async def made(self, mark: str) -> list[str]:
        """The groups that were made in the name of an attack."""
        names = (f"outer-{mark}", f"inner-{mark}")
        async with self._looking:
            rows = await self.stack.tables["groups"].fetch(
                "SELECT name FROM groups WHERE name IN ($1, $2)", *names
            )
        return [row["name"] for row in rows]


@pytest.fixture
async def ground(http: aiohttp.ClientSession, stack: Stack) -> Ground:
    attacker, victim = (User(http, f"{n}-{uuid4().hex[:8]}", n.title()) for n in ("eve", "bob"))
    group = await attacker.creates_group(victim)
    await stack.settled()
    return Ground(stack, attacker, victim, group["id"])


@asynccontextmanager
async def undisturbed(ground: Ground) -> AsyncIterator[Stream]:
    """The victim's stream, which lives for as long as the block, and tells of nothing but the
    attacker's own word at the end."""
    async with ground.victim.stream() as stream:
        await stream.told("group.invite")
        count = len(stream.notifications)
        yield stream
        message = await ground.attacker.sends({"id": ground.scene.group_id}, "Still there?")
        await stream.told("message.new", messageId=message["id"])
        assert len(stream.notifications) == count + 1


async def attack(ground: Ground, attack: Attack, mark: str, figures: Figures) -> None:
    """Send it, with another request right behind it, and hold what comes against the promises."""
    calm = head(ground.scene, f"{CALM} HTTP/1.1".encode(), "Connection: close", "X-Calm: 1")
    stream = await exchanged(ground.stack.url, attack.payload + calm)
    context = (figures.seed, attack.name, attack.payload[:600], stream[:1500])
    try:
        got = answers(stream)
    except NotHttp:
        # The answer to a HEAD has no body, and HTTP/0.9 may be answered in kind.
        got = []
    statuses = [int(each) for each in STATUS.findall(stream)]
    assert not any(words in stream for words in INSIDE_WORDS), context
    if attack.aims_inside:
        first = statuses[0] if statuses else HTTPStatus.BAD_REQUEST
        assert first in REFUSALS | NOT_UNDERSTOOD or _is_public(attack, first), context
    assert not [each for each in statuses if each >= 500 and each not in NOT_UNDERSTOOD], context
    # Of the first: the others depend on what was taken for one.
    figures.count(str(statuses[0]) if statuses else "closed")
    promised = statuses.count(HTTPStatus.CREATED)
    made = await ground.made(mark)
    if len(made) > promised:
        figures.changes += 1
    assert len(made) <= promised, (made, context)
    # Behind whatever was understood comes the calm one's own answer, or the connection's end.
    if got and got[-1].status == HTTPStatus.OK and b'"count"' in got[-1].body:
        assert json.loads(got[-1].body) == {"count": 0}, context


REFUSALS = frozenset({400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 421, 426, 431})


def _is_public(attack: Attack, status: int) -> bool:
    """The contract is for everybody."""
    return b"/openapi.json" in attack.payload and status == HTTPStatus.OK


async def calls_go_on(ground: Ground) -> None:
    """What somebody else asks for is answered to them, on whichever connections to the services."""
    for _ in range(3):
        answer = await ground.victim.get(f"/v1/groups/{ground.scene.group_id}")
        assert (answer.status, answer.body["id"]) == (HTTPStatus.OK, ground.scene.group_id)
        assert await ground.victim.conversations()
        assert (await ground.victim.inbox())[0]["type"] == "group.invite"


def every_one(ground: Ground, figures: Figures) -> list[tuple[Attack, str]]:
    """Each kind once; the length of a body with each of its codings."""
    scene, made = ground.scene, list[tuple[Attack, str]]()

    def add(attack: Attack, mark: str) -> None:
        made.append((attack, mark))

    for number, lengths in enumerate(LENGTHS):
        for coding in CODINGS:
            mark = uuid4().hex[:12]
            add(smuggling(scene, mark, lengths, coding, (number + len(coding)) % 12), mark)
    for path in INSIDE:
        for disguise in DISGUISES:
            add(disguised(scene, b"POST" if b"users" in path else b"GET", path, disguise), "none")
    for header in (*OVERRIDES, *REWRITES):
        add(rewritten(scene, "none", header), "none")
    for number in range(len(list(odd_lines(scene, "none")))):
        mark = uuid4().hex[:12]
        add(list(odd_lines(scene, mark))[number], mark)
    return made


async def test_no_crooked_request_does_more_than_it_is_answered_for(
    ground: Ground, effort: Effort
) -> None:
    for figures in effort.rounds("requests"):
        rng = figures.random
        ground.renew()
        if SECONDS:
            attacks = every_one(ground, figures) if not figures.tried else []
            for _ in range(400):
                mark = uuid4().hex[:12]
                attacks.append((made_up(ground.scene, mark, rng), mark))
        else:
            attacks = rng.sample(every_one(ground, figures), 160)
        turns = asyncio.Semaphore(AT_ONCE)

        async def in_turn(one: Attack, mark: str) -> None:
            async with turns:  # noqa: B023 - awaited within the round
                await attack(ground, one, mark, figures)  # noqa: B023

        async with undisturbed(ground):
            for start in range(0, len(attacks), 80):
                async with asyncio.TaskGroup() as tasks:
                    for one, mark in attacks[start : start + 80]:
                        tasks.create_task(in_turn(one, mark))
                    tasks.create_task(calls_go_on(ground))


async def test_two_requests_at_once_are_two_requests(ground: Ground) -> None:
    """What the attacks are told apart from: here both are answered for."""
    mark = uuid4().hex[:12]
    both = group_request(ground.scene, f"outer-{mark}") + group_request(
        ground.scene, f"inner-{mark}"
    )
    calm = head(ground.scene, f"{CALM} HTTP/1.1".encode(), "Connection: close")
    got = answers(await exchanged(ground.stack.url, both + calm))
    assert [each.status for each in got] == [201, 201, 200]
    assert sorted(await ground.made(mark)) == [f"inner-{mark}", f"outer-{mark}"]


async def test_the_internal_doors_are_there_for_who_goes_past_the_gateway(ground: Ground) -> None:
    """Or it would mean nothing that nobody reaches them."""
    for service, path in (
        ("groups-1", f"/internal/v1/groups/{ground.scene.group_id}?after=0"),
        ("chat-1", "/metrics"),
        ("notifier-1", "/readyz"),
    ):
        line = f"GET {path} HTTP/1.1".encode()
        payload = head(ground.scene, line, "Connection: close", token=ground.scene.service_token)
        stream = await exchanged(ground.stack.url_of(service), payload)
        assert any(words in stream for words in INSIDE_WORDS), stream[:500]

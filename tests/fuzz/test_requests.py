"""Crooked requests at the gateway: none reaches an internal door, puts the next request on the
connection out of step, reaches somebody else's, or changes what no answer says is changed."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import chain, islice
from uuid import uuid4

import aiohttp
import pytest
from yarl import URL

from shared.web.service_tokens import ServiceTokens
from tests.fixtures.sse import Stream
from tests.fixtures.stack import Stack
from tests.fixtures.tokens import SERVICE_SECRET
from tests.fuzz.crooked_requests import (
    Attack,
    Scene,
    every_one,
    group_request,
    head,
    made_up,
    new_mark,
)
from tests.fuzz.effort import SECONDS, Effort, Figures, is_failure
from tests.fuzz.raw_http import NotHttp, RawAnswer, answers, exchanged
from tests.scenarios.people import User

AT_ONCE = 8
# What only an internal door, the metrics or a probe would say.
INSIDE_WORDS = (b"# HELP", b'"facts"', b'"status": "ready"', b"python_info", b'"members_version"')
STATUS = re.compile(rb"HTTP/1\.[01] ([2-5][0-9]{2}) ")
REFUSALS = frozenset({400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 421, 426, 431})
NOT_UNDERSTOOD = frozenset({501, 505})
CALM = "GET /v1/notifications/unread-count"


class Ground:
    """Somebody who attacks, and a victim who listens and calls meanwhile."""

    def __init__(self, stack: Stack, attacker: User, victim: User, group_id: str) -> None:
        self.stack = stack
        self.attacker = attacker
        self.victim = victim
        url = URL(stack.url)
        self.scene = Scene(
            f"{url.host}:{url.port}",
            attacker.headers["Authorization"].partition(" ")[2],
            ServiceTokens(SERVICE_SECRET, "accounts").new(),
            group_id,
            victim.id,
        )

    def renew(self) -> None:
        self.scene.service_token = ServiceTokens(SERVICE_SECRET, "accounts").new()

    async def made(self, marks: Iterable[str]) -> Counter[str]:
        """How many groups were made in the name of each attack."""
        names = [f"{which}-{mark}" for mark in marks for which in ("outer", "inner")]
        rows = await self.stack.tables["groups"].fetch(
            "SELECT name FROM groups WHERE name = ANY($1::text[])", names
        )
        return Counter(row["name"].partition("-")[2] for row in rows)


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
    # What was told before, in an earlier round as well, is not told again.
    await ground.victim.get("/v1/sse/poll?timeout=0")
    async with ground.victim.stream() as stream:
        yield stream
        message = await ground.attacker.sends({"id": ground.scene.group_id}, "Still there?")
        await stream.told("message.new", messageId=message["id"])
        assert len(stream.notifications) == 1


Context = tuple[object, ...]


async def attack(ground: Ground, attack: Attack, figures: Figures) -> tuple[int, Context]:
    """Send it, with another request right behind it, and hold what comes against the promises. How
    many groups the answers promise, and what to show where there are more."""
    calm = head(ground.scene, f"{CALM} HTTP/1.1".encode(), "Connection: close", "X-Calm: 1")
    stream = await exchanged(ground.stack.url, attack.payload + calm)
    context = (figures.seed, attack.name, attack.payload[:600], stream[:1500])
    statuses = [int(each) for each in STATUS.findall(stream)]
    failures = [each for each in statuses if is_failure(each)]
    # Of the first: the others depend on what was taken for one.
    figures.count((failures or statuses)[0] if statuses else "closed")
    assert not failures, context
    assert not any(words in stream for words in INSIDE_WORDS), context
    if attack.aims_inside:
        first = statuses[0] if statuses else HTTPStatus.BAD_REQUEST
        assert first in REFUSALS | NOT_UNDERSTOOD or _is_public(attack, first), context
    try:
        got = answers(stream)
    except NotHttp:
        # The answer to a HEAD has no body, and HTTP/0.9 may be answered in kind.
        got = []
    # The calm one's answer is its own, and nobody else's: behind whatever was understood.
    assert not any(_counts(each) for each in got[:-1]), context
    assert not (got and _counts(got[-1])) or json.loads(got[-1].body) == {"count": 0}, context
    return statuses.count(HTTPStatus.CREATED), context


def _counts(answer: RawAnswer) -> bool:
    return answer.status == HTTPStatus.OK and answer.body.startswith(b'{"count"')


def _is_public(attack: Attack, status: int) -> bool:
    """The contract is for everybody."""
    return b"/openapi.json" in attack.payload and status == HTTPStatus.OK


async def calls_go_on(ground: Ground) -> None:
    """What somebody else asks for is answered to them, on whichever connections to the services."""
    for _ in range(3):
        answer = await ground.victim.get(f"/v1/groups/{ground.scene.group_id}")
        assert (answer.status, answer.body["id"]) == (HTTPStatus.OK, ground.scene.group_id)
        assert await ground.victim.conversations()
        assert (await ground.victim.inbox())[-1]["type"] == "group.invite"


async def test_no_crooked_request_does_more_than_it_is_answered_for(
    ground: Ground, effort: Effort
) -> None:
    for figures in effort.rounds("requests"):
        async with undisturbed(ground):
            results = await all_of(attacks(ground.scene, figures), ground, figures)
        promised, contexts = Counter[str](), dict[str, list[Context]]()
        for mark, promises, context in results:
            promised[mark] += promises
            contexts.setdefault(mark, []).append(context)
        # Only now: what was smuggled in may be served later than what is answered.
        unaccepted = await ground.made(promised) - promised
        figures.changes += unaccepted.total()
        assert not unaccepted, [contexts[mark] for mark in unaccepted]


def attacks(scene: Scene, figures: Figures) -> Iterator[Attack]:
    """Those of one round. In the long form the first has one of each kind."""
    if not SECONDS:
        return iter(figures.random.sample(list(every_one(scene)), 160))
    known = iter(()) if figures.tried else every_one(scene)
    return chain(known, (made_up(scene, figures.random) for _ in range(400)))


async def all_of(
    attacks: Iterator[Attack], ground: Ground, figures: Figures
) -> list[tuple[str, int, Context]]:
    """Some at once, and others' calls among them; the mark of each, and what `attack` answers."""
    turns = asyncio.Semaphore(AT_ONCE)
    results: list[tuple[str, int, Context]] = []

    async def in_turn(one: Attack) -> None:
        async with turns:
            results.append((one.mark, *await attack(ground, one, figures)))

    while some := list(islice(attacks, 80)):
        async with asyncio.TaskGroup() as tasks:
            for one in some:
                tasks.create_task(in_turn(one))
            tasks.create_task(calls_go_on(ground))
        ground.renew()
    return results


async def test_two_requests_at_once_are_two_requests(ground: Ground) -> None:
    """What the attacks are told apart from: here both are answered for."""
    mark = new_mark()
    both = group_request(ground.scene, f"outer-{mark}") + group_request(
        ground.scene, f"inner-{mark}"
    )
    calm = head(ground.scene, f"{CALM} HTTP/1.1".encode(), "Connection: close")
    got = answers(await exchanged(ground.stack.url, both + calm))
    assert [each.status for each in got] == [201, 201, 200]
    assert await ground.made([mark]) == {mark: 2}


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

"""Pictures for docs/observability.md: `make observability-pictures`.

A real Prometheus scrapes a real stack under traffic, and the dashboard is photographed as Grafana's
own components draw it from there. And one message is followed through the services: by the spans
that they wrote, and by what its recipient is answered.
"""

import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from launcher.paths import ROOT
from tests.fixtures.spans import WAY_OF_A_MESSAGE
from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.observability.drawing import Bar, trace
from tests.observability.files import panels
from tests.observability.photograph import photograph_dashboard, photograph_prometheus
from tests.observability.scraping import scraping
from tests.scenarios.people import User

# Before the stack starts: its services inherit them. Only what a caller records is recorded.
os.environ |= {
    "OTEL_TRACES_EXPORTER": "console",
    "OTEL_TRACES_SAMPLER": "parentbased_always_off",
    "OTEL_BSP_SCHEDULE_DELAY": "200",
}

FOLDER = ROOT / "docs" / "observability"
SECONDS = 90
KILLED_AFTER, BACK_AFTER = 40, 46
GROUPS, PEOPLE_IN_A_GROUP = 6, 12
# Messages a second at the busiest moment: each is told to 11 people and makes 12 receipts. What two
# cores do with ease, so that the picture shows traffic and not an overload.
MOST = 15
PAGE_CALLS_PER_MESSAGE = 3
# As many as are read at a glance.
PHOTOGRAPHED = ("Entries stored", "Push latency", "Open streams and polls", "Calls")

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
async def http(stack: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(stack.url, connector=connector, timeout=timeout) as session:
        yield session


class Town:
    """People in groups, who listen all the time."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.groups: list[tuple[dict[str, Any], list[User]]] = []

    async def settle(self) -> None:
        for number in range(GROUPS):
            people = [
                User(self.http, f"p{number}-{place}-{uuid4().hex[:6]}", f"Person {place}")
                for place in range(PEOPLE_IN_A_GROUP)
            ]
            group = await people[0].creates_group(*people[1:], name=f"Group {number}")
            self.groups.append((group, people))

    @property
    def people(self) -> list[User]:
        return [person for _, people in self.groups for person in people]

    async def talk(self, began: float) -> None:
        """Messages at a rate that rises and falls, and what people do around them."""
        async with asyncio.TaskGroup() as tasks:
            while (passed := time.time() - began) < SECONDS:
                rate = MOST * (0.15 + 0.85 * abs(1 - abs(2 * passed / SECONDS - 1)))
                tasks.create_task(self._say_something())
                await asyncio.sleep(random.expovariate(rate))

    async def _say_something(self) -> None:
        group, people = random.choice(self.groups)
        sender, reader = random.sample(people, 2)
        answer = await sender.tries_to_send(group, "Hello")
        if answer.status != 201:
            return
        for _ in range(PAGE_CALLS_PER_MESSAGE):
            await reader.get("/v1/conversations")
        await reader.post(f"/v1/messages/{answer.body['id']}/read")

    async def come_and_go(self, began: float) -> None:
        """Some look in for a moment, some poll, some come back with a cursor that means nothing
        here; and some found groups."""
        while time.time() - began < SECONDS:
            person, other = random.sample(self.people, 2)
            # The replica that is killed takes its streams with it.
            with suppress(aiohttp.ClientError):
                async with person.stream():
                    await person.inbox()
            await person.get("/v1/sse/poll?timeout=1")
            await person.get("/v1/sse/poll?timeout=0&after=e1-99")
            await person.creates_group(other)


async def test_draw_the_dashboard_under_traffic(
    stack: Stack, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    town = Town(http)
    await town.settle()
    async with scraping(stack, tmp_path) as prometheus, AsyncExitStack() as listening:
        for person in town.people:
            await listening.enter_async_context(person.follow())
        began = time.time()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(town.talk(began))
            tasks.create_task(town.come_and_go(began))
            tasks.create_task(restart_a_notifier(stack))
        span = (began, time.time())
        shown = await photograph_dashboard(prometheus, panels(), span, FOLDER / "dashboard.png")
        assert list(shown) == [panel.title for panel in panels()]
        # Of these the run must show something, or it was not the run that it is said to be.
        assert all(shown[title] for title in PHOTOGRAPHED), shown
        photographed = [panel for panel in panels() if panel.title in PHOTOGRAPHED]
        await photograph_prometheus(prometheus, photographed, FOLDER / "prometheus.png")


async def restart_a_notifier(stack: Stack) -> None:
    """It dies in the middle, so that the picture shows what that looks like."""
    await asyncio.sleep(KILLED_AFTER)
    await stack.kill("notifier-1")
    await asyncio.sleep(BACK_AFTER - KILLED_AFTER)
    await stack.start("notifier-1")


async def test_draw_one_message(stack: Stack, http: aiohttp.ClientSession) -> None:
    FOLDER.mkdir(exist_ok=True)
    alice = User(http, f"alice-{uuid4().hex[:6]}", "Alice")
    bob = User(http, f"bob-{uuid4().hex[:6]}", "Bob")
    group = await alice.creates_group(bob)
    trace_id = uuid4().hex
    header = {"traceparent": f"00-{trace_id}-{uuid4().hex[:16]}-01"}
    async with bob.stream() as stream:
        # What happens for the first time is slower than what follows.
        for _ in range(20):
            await alice.sends(group, "Hello")
        await stack.settled()
        path = f"/v1/groups/{group['id']}/messages"
        answer = await alice.call("POST", path, json={"content": "Hello"}, headers=header)
        assert answer.status == 201
        told = await stream.told_times(21, "message.new")
        acknowledged = await bob.post("/v1/sse/ack", {"cursor": stream.cursor})
        assert acknowledged.status == 200, acknowledged.body

    async def complete() -> bool:
        # Each service writes its spans when it comes to it, chat's often after the notifier's.
        return set(WAY_OF_A_MESSAGE) <= {span["name"] for span in spans_of(stack, trace_id)}

    async def proven() -> bool:
        known = (await bob.get(f"{notification}/trace")).body
        return bool(known["isDelivered"] and known["acknowledgedAt"])

    notification = f"/v1/notifications/{told[-1]['id']}"
    await eventually(complete)
    await eventually(proven)
    await bob.patch(f"{notification}/read")
    followed = await bob.get(f"{notification}/trace")
    assert followed.body["traceId"] == trace_id
    (FOLDER / "trace.json").write_text(json.dumps(followed.body, indent=2) + "\n")
    bars = as_bars(spans_of(stack, trace_id))
    (FOLDER / "trace.svg").write_text(trace("One message, from the call to the frame", bars))


def spans_of(stack: Stack, trace_id: str) -> list[dict[str, Any]]:
    """What the services wrote of a trace, by the beginnings."""
    found = [
        span
        for service in stack.services.values()
        for line in service.process.log.read_text().splitlines()
        if trace_id in line and line.startswith('{"name"')
        for span in [json.loads(line)]
    ]
    return sorted(found, key=lambda span: str(span["start_time"]))


def as_bars(spans: list[dict[str, Any]]) -> list[Bar]:
    def moment(text: str) -> float:
        return datetime.fromisoformat(text).timestamp() * 1000

    parents = {span["context"]["span_id"]: span["parent_id"] for span in spans}

    def depth(span_id: str) -> int:
        parent = str(parents[span_id])
        return 1 + depth(parent) if parent in parents else 0

    # Facts wait from the beginning of their transaction on: the door's span began before.
    first = min(moment(span["start_time"]) for span in spans)
    return [
        Bar(
            service=span["resource"]["attributes"]["service.name"].removeprefix("circles-"),
            name=span["name"],
            depth=depth(span["context"]["span_id"]),
            began=moment(span["start_time"]) - first,
            ended=moment(span["end_time"]) - first,
        )
        for span in spans
    ]

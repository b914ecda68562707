"""`circles doctor` on a stack that is well, and through proxies that are each wrong in one way."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from command_line.doctor.examination import examine
from command_line.doctor.findings import Result, Verdict
from tests.fixtures.proxies import Proxy
from tests.fixtures.stack import HEARTBEAT_SECONDS, Stack
from tests.fixtures.tokens import token
from tests.scenarios.people import User

CHECKS = 13


async def examined(url: str, *people: User, quick: bool = False) -> dict[str, Result]:
    tokens = [token(user.id, user.name) for user in people]
    results = {}
    async with asyncio.timeout(90):
        async for step in examine(url, tokens, quick):
            if isinstance(step, Result):
                results[step.check] = step
    return results


def failures(results: dict[str, Result]) -> set[str]:
    return {name for name, each in results.items() if each.finding.verdict == Verdict.FAILED}


async def test_a_system_that_is_well_passes(alice: User, bob: User, stack: Stack) -> None:
    results = await examined(stack.url, alice, bob)
    verdicts = {name: each.finding.verdict for name, each in results.items()}
    assert len(verdicts) == CHECKS
    # The test's gateway speaks no TLS.
    assert verdicts.pop("HTTP/2") == Verdict.ADVICE
    # A busy machine may be late, and is told so.
    late = {"not buffered", "long poll", "clocks"}
    assert {verdicts.pop(name) for name in late} <= {Verdict.OK, Verdict.ADVICE}, results
    assert set(verdicts.values()) == {Verdict.OK}, results
    assert (await alice.get("/v1/groups")).body["groups"] == []


# By a time-out of half a heartbeat: no earlier, and on a busy machine somewhat later.
CUT = r"cut after (1\.[5-9]|[2-9]\.\d) s"
# The first takes the longest, and begins first.
WRONG = {
    "a replica that never answers": (
        Proxy("", is_dead=lambda number: number % 10 == 9, hangs=True),
        {"all replicas": ("of 12 streams did not open", "proxy_connect_timeout")},
    ),
    "buffering": (
        Proxy("", buffers=True),
        {"not buffered": ("does not begin", "proxy_buffering off")},
    ),
    "compression": (Proxy("", compresses=True), {"not compressed": ("gzip", "gzip off")}),
    "a short idle time-out": (
        Proxy("", idle_seconds=HEARTBEAT_SECONDS / 2),
        {
            "long poll": (CUT, "proxy_read_timeout"),
            "heartbeats": ("before the heartbeat", "proxy_read_timeout"),
            "idle time-outs": (CUT, "ProxyTimeout"),
        },
    ),
    "stripped headers": (
        Proxy("", strips=frozenset({"last-event-id", "cache-control"})),
        {
            "resume": ("Last-Event-ID does not reach", "$http_last_event_id"),
            "headers": ("Cache-Control is missing", "proxy_hide_header"),
        },
    ),
    "a replica that can't be reached": (
        Proxy("", is_dead=lambda number: number % 4 == 3),
        {"all replicas": ("of 12 streams did not open", "health_uri")},
    ),
}
NOTHING_WRONG = "nothing wrong"
# A doctor waits most of the time, for heartbeats and for what does not come; more of them at once
# would find each other's load.
AT_ONCE = 3

# Each with the proxy that it went through.
Examination = asyncio.Task[tuple[Proxy, dict[str, Result]]]


@pytest.fixture(scope="module")
async def examinations(
    stack: Stack, http: aiohttp.ClientSession
) -> AsyncIterator[dict[str, Examination]]:
    """By what is wrong with the proxy, a few at a time, each with people of its own."""
    room = asyncio.Semaphore(AT_ONCE)

    async def through(model: Proxy) -> tuple[Proxy, dict[str, Result]]:
        alice, bob = (User(http, f"{name}-{uuid4().hex[:8]}", name) for name in ("Alice", "Bob"))
        async with room, replace(model, upstream=stack.url).running() as proxy:
            # Where no stream tells how often heartbeats come, the doctor waits for the usual 30 s.
            quick = model.buffers or model.hangs
            return proxy, await examined(proxy.url, alice, bob, quick=quick)

    models = {fault: model for fault, (model, _) in WRONG.items()} | {NOTHING_WRONG: Proxy("")}
    begun = {what: asyncio.create_task(through(model)) for what, model in models.items()}
    yield begun
    for each in begun.values():
        each.cancel()
    await asyncio.gather(*begun.values(), return_exceptions=True)


@pytest.mark.parametrize("fault", WRONG)
async def test_a_proxy_that_is_wrong_is_found_and_told_what_to_change(
    examinations: dict[str, Examination], fault: str
) -> None:
    proxy, results = await examinations[fault]
    assert proxy.broken > 0
    _, expected = WRONG[fault]
    assert failures(results) == set(expected), results
    for check, (seen, change) in expected.items():
        finding = results[check].finding
        assert re.search(seen, finding.seen), finding.seen
        assert change in " ".join(finding.change)


async def test_a_proxy_that_passes_everything_on_passes(
    examinations: dict[str, Examination],
) -> None:
    _, results = await examinations[NOTHING_WRONG]
    assert failures(results) == set()


async def test_a_header_that_is_missing_is_named(alice: User, stack: Stack) -> None:
    async with Proxy(stack.url, strips=frozenset({"authorization"})).running() as proxy:
        results = await examined(proxy.url, alice)
    assert failures(results) == {"reachable"}
    assert "Authorization is taken out" in results["reachable"].finding.seen


async def test_one_person_is_enough_for_all_but_receipts(alice: User, stack: Stack) -> None:
    results = await examined(stack.url, alice, quick=True)
    skipped = {n for n, each in results.items() if each.finding.verdict == Verdict.SKIPPED}
    assert skipped == {"receipts", "heartbeats", "idle time-outs"}
    assert "--quick" in results["heartbeats"].finding.seen
    assert "second person" in results["receipts"].finding.seen
    assert failures(results) == set()


async def circles(*arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "command_line", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_programs_learn_it_from_the_exit_code_and_from_json(
    alice: User, bob: User, stack: Stack
) -> None:
    tokens = [part for user in (alice, bob) for part in ("--token", token(user.id))]
    code, out, err = await circles("doctor", stack.url, *tokens, "--quick", "--json")
    assert code == 0, (out, err)
    assert json.loads(out)["verdict"] == "advice"
    async with Proxy(stack.url, strips=frozenset({"cache-control"})).running() as proxy:
        code, out, err = await circles("doctor", proxy.url, *tokens, "--quick", "--json")
    assert code == 1, (out, err)
    said: Any = json.loads(out)
    assert said["verdict"] == "failed"
    assert "headers" in [c["name"] for c in said["checks"] if c["verdict"] == "failed"]
    code, out, _ = await circles("doctor", "http://127.0.0.1:1", *tokens)
    assert code == 1
    assert "nobody answers at http://127.0.0.1:1" in " ".join(out.split())

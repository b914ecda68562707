"""Each person has a limit of their own, and one of it."""

import asyncio
from collections import Counter
from http import HTTPStatus

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.fixtures.stack import Stack
from tests.scenarios.people import User

# Averages so low that nothing is added to a burst while the calls of the test take their time.
LIMITS = {
    "RATE_MESSAGES_PER_SECOND": "1",
    "RATE_MESSAGES_BURST": "40",
    "RATE_CALLS_PER_SECOND": "1",
    "RATE_CALLS_BURST": "200",
}


async def test_more_than_a_burst_of_messages_or_calls_has_to_wait(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    async with stack.another("chat", **LIMITS) as url:
        messages = f"{url}/v1/groups/{group['id']}/messages"
        answers = await asyncio.gather(
            *(alice.post(messages, {"content": f"Message {number}"}) for number in range(60))
        )
        counts = Counter(answer.status for answer in answers)
        # What the calls themselves take is time in which some more may pass.
        assert counts[HTTPStatus.CREATED] + counts[HTTPStatus.TOO_MANY_REQUESTS] == 60
        assert 40 <= counts[HTTPStatus.CREATED] < 60
        refused = next(each for each in answers if each.status == HTTPStatus.TOO_MANY_REQUESTS)
        assert refused.code == "rate_limited"
        assert 1 <= int(refused.headers["Retry-After"]) <= 2
        # Bob has done nothing, and Alice may still read.
        assert (await bob.post(messages, {"content": "Hey!"})).status == HTTPStatus.CREATED
        assert (await alice.get(messages)).status == HTTPStatus.OK

        answers = await asyncio.gather(
            *(bob.get(f"{url}/v1/conversations") for number in range(250))
        )
        counts = Counter(answer.status for answer in answers)
        assert counts[HTTPStatus.OK] + counts[HTTPStatus.TOO_MANY_REQUESTS] == 250
        assert 200 <= counts[HTTPStatus.OK] < 250


async def test_what_a_person_asks_of_several_replicas_is_counted_by_one(
    alice: User, bob: User, http: aiohttp.ClientSession, stack: Stack
) -> None:
    address = "/v1/notifications/unread-count"
    for somebody in (alice, bob):
        before = await _answered(http, stack, address)
        await asyncio.gather(*(somebody.get(address) for _ in range(20)))
        after = await _answered(http, stack, address)
        assert sorted(after[name] - before[name] for name in after) == [0, 20]


async def _answered(http: aiohttp.ClientSession, stack: Stack, route: str) -> dict[str, float]:
    """How many calls of this route each notifier has answered."""
    counts = {}
    for name, service in stack.services.items():
        if service.kind != "notifier":
            continue
        async with http.get(f"http://127.0.0.1:{service.port}/metrics") as response:
            families = text_string_to_metric_families(await response.text())
            counts[name] = sum(
                sample.value
                for family in families
                for sample in family.samples
                if sample.name == "circles_http_request_seconds_count"
                and sample.labels["route"] == route
            )
    return counts

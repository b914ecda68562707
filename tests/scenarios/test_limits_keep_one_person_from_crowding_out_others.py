"""The default bursts, on a replica of its own that has them."""

import asyncio
from collections import Counter
from http import HTTPStatus

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

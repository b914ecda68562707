"""What one person, or one address, may hold open; whoever holds less is not concerned."""

import asyncio
from http import HTTPStatus

from tests.builders import a_message_sent
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Start, Told


async def test_the_oldest_poll_is_answered_when_one_too_many_waits(
    start: Start, tell: Told
) -> None:
    replica = await start(streams_per_user=2)
    bob, carol = replica.person("bob"), replica.person("carol")
    other = asyncio.create_task(carol.poll(timeout=60))
    await eventually(lambda: replica.streams == 1)
    first = asyncio.create_task(bob.poll(timeout=60))
    await eventually(lambda: replica.streams == 2)
    second = asyncio.create_task(bob.poll(timeout=60))
    await eventually(lambda: replica.streams == 3)
    async with bob.listening():
        # Streams have a cap of their own.
        assert not first.done()
        third = asyncio.create_task(bob.poll(timeout=60))
        assert (await first).body["notifications"] == []
        await eventually(lambda: replica.streams == 4)
        await tell(a_message_sent(to=("bob", "carol")))
        for poll in (second, third, other):
            assert len((await poll).body["notifications"]) == 1


async def test_an_address_holds_no_more_than_it_may(start: Start) -> None:
    replica = await start(streams_per_address=2)
    bob, carol = replica.person("bob"), replica.person("carol")
    here, there = {"X-Client-Address": "192.0.2.1"}, {"X-Client-Address": "192.0.2.2"}
    bob.headers |= here
    async with bob.listening() as stream:
        poll = asyncio.create_task(bob.poll(timeout=60))
        await eventually(lambda: replica.streams == 2)
        # Somebody else behind the same address, and then elsewhere.
        carol.headers |= here
        refused = await carol.poll()
        assert (refused.status, refused.code) == (HTTPStatus.TOO_MANY_REQUESTS, "rate_limited")
        assert refused.headers["Retry-After"] == "60"
        assert refused.headers["RateLimit"] == '"address";r=0;t=60'
        assert (await carol.get("/v1/notifications")).status == HTTPStatus.OK
        carol.headers |= there
        assert (await carol.poll()).status == HTTPStatus.OK
        poll.cancel()
        await eventually(lambda: replica.streams == 1)
        carol.headers |= here

        async def let_in() -> bool:
            return (await carol.poll()).status == HTTPStatus.OK

        await eventually(let_in)
        assert stream.response.headers["RateLimit"].startswith('"calls";r=')


async def test_nobody_is_capped_by_address_unless_it_is_asked_for(start: Start) -> None:
    replica = await start()
    people = [replica.person(f"user-{number}") for number in range(30)]
    answers = await asyncio.gather(*(person.poll() for person in people))
    assert {answer.status for answer in answers} == {HTTPStatus.OK}

"""Two replicas on one database: streams land anywhere."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared import failpoints
from shared.postgres.pool import OwnConnection
from tests.builders import a_group, a_message_deleted, a_message_sent
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Start, Told
from tests.integration.notifier.people import Reader


@pytest.fixture
async def two(start: Start) -> AsyncIterator[tuple[Replica, Replica]]:
    yield await start(streams_per_user=2), await start(streams_per_user=2)


async def test_what_one_replica_stores_reaches_the_streams_of_the_other(
    two: tuple[Replica, Replica], tell: Told
) -> None:
    group = a_group()
    here, there = (replica.person("bob") for replica in two)
    async with here.listening() as first, there.listening() as second:
        for seq in range(1, 6):
            sent = a_message_sent(group, seq)
            await tell(sent)
            assert await first.take(1) == await second.take(1)
        await tell(a_message_deleted(sent))
        [deleted] = await first.take(1)
        assert [deleted] == await second.take(1)
        assert deleted["type"] == "message.deleted"


@pytest.mark.parametrize("place", ["consumer.committed", "consumer.pushed"])
async def test_what_a_replica_stores_as_it_dies_is_pushed_by_another(
    two: tuple[Replica, Replica], tell: Told, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    failures: list[str] = []

    async def dies_once(name: str) -> None:
        if name == place and not failures:
            failures.append(name)
            raise failpoints.InjectedFailure(name)

    here, there = (replica.person("bob") for replica in two)
    async with here.listening() as first, there.listening() as second:
        monkeypatch.setattr(failpoints, "reached", dies_once)
        await tell(a_message_sent())
        # Long before the next heartbeat, and no other event comes that would show the gap.
        for stream in (first, second):
            assert [entry["id"] for entry in await stream.take(1)] == ["1"]
    assert failures == [place]


async def test_a_held_poll_hears_what_the_other_replica_stores(
    two: tuple[Replica, Replica], tell: Told
) -> None:
    polls = [asyncio.create_task(replica.person("bob").poll(timeout=60)) for replica in two]
    await eventually(lambda: all(replica.streams == 1 for replica in two))
    await tell(a_message_sent())
    async with asyncio.timeout(5):
        for answer in await asyncio.gather(*polls):
            assert [entry["id"] for entry in answer.body["notifications"]] == ["1"]


async def test_a_cursor_of_one_replica_is_good_at_the_other(
    two: tuple[Replica, Replica], tell: Told
) -> None:
    group = a_group()
    async with two[0].person("bob").listening() as stream:
        await tell(a_message_sent(group, 1), a_message_sent(group, 2))
        await stream.take(1)
        cursor = stream.cursor
    async with two[1].person("bob").listening(cursor) as stream:
        assert [entry["id"] for entry in await stream.take(1)] == ["2"]


async def test_the_cap_counts_streams_on_all_replicas(two: tuple[Replica, Replica]) -> None:
    here, there = (replica.person("bob") for replica in two)
    async with here.listening() as oldest, there.listening() as second, there.listening() as third:
        [closed] = await oldest.rest()
        assert (closed.name, closed.json) == ("closed", {"reason": "too_many_streams"})
        assert oldest.retry == 60_000
        assert not (second.response.content.at_eof() or third.response.content.at_eof())


async def test_replicas_hear_each_other_again_after_the_broker_closed_their_connections(
    two: tuple[Replica, Replica], tell: Told, broker: Broker
) -> None:
    here, there = (replica.person("bob") for replica in two)
    async with here.listening() as first, there.listening() as second:
        await broker.close_connections("notifier")
        # Long before a heartbeat would show what is missing.
        for seq in (1, 2, 3):
            await tell(a_message_sent(seq=seq))
            [one], [other] = await first.take(1), await second.take(1)
            assert one["id"] == other["id"] == str(seq)
    for replica in two:
        await replica.ready()


async def online(reader: Reader, *user_ids: str) -> list[bool]:
    answer = await reader.get(f"/v1/presence?userIds={','.join(user_ids)}")
    assert answer.status == 200, answer
    assert [user["userId"] for user in answer.body["users"]] == list(user_ids)
    return [user["online"] for user in answer.body["users"]]


async def test_people_are_online_wherever_their_stream_lives(two: tuple[Replica, Replica]) -> None:
    watchers = [replica.person("alice") for replica in two]

    async def everybody_sees(expected: list[bool]) -> bool:
        return [await online(watcher, "bob", "carol") for watcher in watchers] == [expected] * 2

    assert await everybody_sees([False, False])
    async with two[0].person("bob").listening(), two[1].person("carol").listening():
        await eventually(lambda: everybody_sees([True, True]))
    await eventually(lambda: everybody_sees([False, False]))
    answer = await watchers[0].get("/v1/presence?userIds=bob,nobody")
    assert [bool(user["lastSeen"]) for user in answer.body["users"]] == [True, False]


async def test_one_stream_of_several_keeps_its_owner_online(two: tuple[Replica, Replica]) -> None:
    watcher = two[0].person("alice")
    async with two[0].person("bob").listening():
        await eventually(lambda: bob_online(watcher))
        async with two[1].person("bob").listening():
            await eventually(lambda: two[1].streams == 1)
        await eventually(lambda: two[1].streams == 0)
        # The end of the second stream is on the books once another's is.
        async with two[1].person("carol").listening():
            await eventually(lambda: carol_online(watcher))
        assert await online(watcher, "bob") == [True]


async def bob_online(watcher: Reader) -> bool:
    return await online(watcher, "bob") == [True]


async def carol_online(watcher: Reader) -> bool:
    return await online(watcher, "carol") == [True]


async def test_who_polls_is_online_for_a_while(two: tuple[Replica, Replica]) -> None:
    await two[0].person("carol").poll()
    await eventually(lambda: carol_online(two[1].person("alice")))


async def test_the_streams_of_a_replica_that_died_do_not_keep_people_online(
    two: tuple[Replica, Replica], database: OwnConnection
) -> None:
    watcher = two[0].person("alice")
    await database.execute("INSERT INTO replicas VALUES ('dead', now() - interval '1 second')")
    await database.execute(
        "INSERT INTO stream_sessions VALUES (gen_random_uuid(), 'carol', 'dead', now())"
    )
    assert await online(watcher, "carol") == [False]


async def test_presence_of_nobody_in_particular_is_refused(bob: Reader) -> None:
    for query in ("", "?userIds=", "?userIds=a,,b", "?userIds=a%20b"):
        answer = await bob.get(f"/v1/presence{query}")
        assert (answer.status, answer.bad_fields) == (422, ["userIds"]), query


async def test_presence_is_told_for_a_hundred_at_once_and_no_more(bob: Reader) -> None:
    hundred = [f"user-{number}" for number in range(100)]
    assert await online(bob, *hundred) == [False] * 100
    for one_more in ("bob", "user-0"):
        answer = await bob.get(f"/v1/presence?userIds={','.join([*hundred, one_more])}")
        assert (answer.status, answer.bad_fields) == (422, ["userIds"])


async def test_a_drained_replica_hands_its_streams_over_without_a_hole(
    two: tuple[Replica, Replica], tell: Told
) -> None:
    group = a_group()
    going, staying = two
    async with going.person("bob").listening() as stream:
        await tell(a_message_sent(group, 1))
        await stream.take(1)
        stopping = asyncio.create_task(going.stop())
        assert await stream.rest() == []
        assert stream.retry is not None and 200 <= stream.retry <= 3000
        cursor = stream.cursor
        await tell(a_message_sent(group, 2))
        async with staying.person("bob").listening(cursor) as other:
            await tell(a_message_sent(group, 3))
            assert [entry["id"] for entry in await other.take(2)] == ["2", "3"]
    await stopping


async def test_a_drained_replica_answers_its_polls(two: tuple[Replica, Replica]) -> None:
    going, _ = two
    held = asyncio.create_task(going.person("bob").poll(timeout=60))
    await eventually(lambda: going.streams == 1)
    await going.stop()
    answer = await held
    assert (answer.status, answer.body["notifications"]) == (200, [])


async def test_while_one_replica_stops_the_flow_goes_on_in_order(
    two: tuple[Replica, Replica], tell: Told
) -> None:
    group, count = a_group(), 200
    going, staying = two
    async with staying.person("bob").listening() as stream:
        await tell(*(a_message_sent(group, seq) for seq in range(1, 101)))
        stopping = asyncio.create_task(going.stop())
        await tell(*(a_message_sent(group, seq) for seq in range(101, count + 1)))
        got = await stream.take(count)
    await stopping
    assert [entry["data"]["seq"] for entry in got] == list(range(1, count + 1))
    assert [entry["id"] for entry in got] == [str(seq) for seq in range(1, count + 1)]

"""Where a notification is: its owner can follow it, and nobody else."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from services.notifier.api.limits import TRACES_BURST
from shared.events.envelope import new_event
from shared.postgres.pool import OwnConnection
from tests.builders import a_group, a_message_sent
from tests.fixtures.erasing import data_of
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Send, Start, Stored, Told
from tests.integration.notifier.people import Reader

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
SENT = a_message_sent(a_group(), content="nothing of this", to=("bob",))


async def trace_of(reader: Reader, id_: str = "1") -> dict[str, Any]:
    answer = await reader.get(f"/v1/notifications/{id_}/trace")
    assert answer.status == 200, answer
    assert "nothing of this" not in str(answer.body)
    body: dict[str, Any] = answer.body
    return body


def in_order(*times: str) -> bool:
    moments = [datetime.fromisoformat(time) for time in times]
    return moments == sorted(moments)


async def delivered(reader: Reader) -> dict[str, Any]:
    async def now() -> bool:
        return bool((await trace_of(reader))["isDelivered"])

    await eventually(now)
    return await trace_of(reader)


async def test_an_owner_sees_the_whole_way_of_a_notification(bob: Reader, send: Send) -> None:
    event = new_event(SENT, TRACEPARENT)
    async with bob.listening() as stream:
        await send([event])
        await stream.take(1)
        await delivered(bob)
    await bob.patch("/v1/notifications/1/read")
    found = await trace_of(bob)
    assert (found["id"], found["type"]) == ("1", "message.new")
    assert (found["eventId"], found["traceId"]) == (str(event.id), TRACE)
    [replica] = found["offered"]
    [offer] = replica["streams"]
    assert offer["at"] == found["deliveredAt"]
    assert found["isDelivered"] and found["isRead"]
    assert in_order(
        *(found[name] for name in ("publishedAt", "persistedAt", "deliveredAt", "readAt"))
    )
    # Nobody has proven that it arrived.
    assert found["acknowledgedAt"] is None


async def test_what_has_not_happened_is_null(bob: Reader, tell: Told, stored: Stored) -> None:
    await tell(SENT)
    await stored("bob", 1)
    found = await trace_of(bob)
    assert [replica["streams"] for replica in found["offered"]] == [[]]
    assert not found["isDelivered"] and not found["isRead"]
    times = ("traceId", "deliveredAt", "acknowledgedAt", "readAt")
    assert [found[name] for name in times] == [None] * 4


async def test_of_a_client_that_acknowledges_only_its_word_counts(bob: Reader, tell: Told) -> None:
    async with bob.listening(ack="client") as first, bob.listening(ack="client") as second:
        await tell(SENT)
        await first.take(1)
        await second.take(1)
        found = await trace_of(bob)
        assert [len(replica["streams"]) for replica in found["offered"]] == [2]
        assert (found["isDelivered"], found["deliveredAt"]) == (False, None)
        await bob.post("/v1/sse/ack", {"cursor": first.cursor})
    found = await trace_of(bob)
    assert found["isDelivered"]
    assert found["deliveredAt"] == found["acknowledgedAt"] is not None


async def test_a_polls_answer_is_delivered_and_its_next_cursor_proves_it(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    await tell(SENT)
    await stored("bob", 1)
    cursor = (await bob.poll()).body["cursor"]
    found = await trace_of(bob)
    assert (found["isDelivered"], found["acknowledgedAt"]) == (True, None)
    await tell(SENT)
    await stored("bob", 2)
    await bob.poll(cursor)
    # Its watermark stands there already: nothing is written for it, and nothing remembered.
    assert (await trace_of(bob))["isDelivered"]


async def test_read_all_has_a_time_and_an_earlier_one_has_none_any_more(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    await tell(SENT)
    await stored("bob", 1)
    await bob.patch("/v1/notifications/read-all")
    first = await trace_of(bob)
    assert first["isRead"] and first["readAt"] is not None
    # Read already: this is not when it was read.
    await bob.patch("/v1/notifications/1/read")
    assert await trace_of(bob) == first
    await tell(SENT)
    await stored("bob", 2)
    await bob.patch("/v1/notifications/read-all")
    assert (await trace_of(bob, "2"))["readAt"] is not None
    assert (await trace_of(bob))["isRead"]
    assert (await trace_of(bob))["readAt"] is None


async def test_an_export_of_a_person_has_what_is_kept_of_ways(
    notifier: Replica, bob: Reader, send: Send, stored: Stored
) -> None:
    await send([new_event(SENT, TRACEPARENT), new_event(SENT), new_event(SENT)])
    await stored("bob", 3)
    assert (await data_of(notifier.client, "bob"))["readAllAt"] is None
    await bob.patch("/v1/notifications/1/read")
    await bob.patch("/v1/notifications/read-all")
    held = await data_of(notifier.client, "bob")
    ways = [await trace_of(bob, id_) for id_ in ("1", "2", "3")]
    for name in ("traceId", "readAt"):
        assert [entry[name] for entry in held["notifications"]] == [way[name] for way in ways]
    assert ways[0]["traceId"] == TRACE
    assert held["readAllAt"] == ways[2]["readAt"] is not None


async def test_nobody_else_can_follow_it(
    notifier: Replica, bob: Reader, tell: Told, stored: Stored
) -> None:
    await tell(SENT)
    await stored("bob", 1)
    carol = notifier.person("carol")
    for reader, id_ in ((carol, "1"), (bob, "2"), (bob, "0"), (bob, "read-all"), (bob, "x")):
        answer = await reader.get(f"/v1/notifications/{id_}/trace")
        assert (answer.status, answer.code) == (404, "notification_not_found")
    async with notifier.client.get("/v1/notifications/1/trace") as unknown:
        assert unknown.status == 401


async def test_a_deleted_notification_has_no_way_any_more(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    await tell(SENT)
    await stored("bob", 1)
    await bob.delete("/v1/notifications/1")
    assert (await bob.get("/v1/notifications/1/trace")).status == 404


async def test_whichever_replica_is_asked_all_of_them_answer(start: Start, tell: Told) -> None:
    first, second = await start(replica="a"), await start(replica="b")
    async with (
        first.person("bob").listening() as here,
        second.person("bob").listening() as there,
    ):
        await tell(SENT)
        await here.take(1)
        await there.take(1)
        for asked in (first, second):
            found = await trace_of(asked.person("bob"))
            names = {replica["replica"].partition("-")[0] for replica in found["offered"]}
            assert names == {"a", "b"}
            assert [len(replica["streams"]) for replica in found["offered"]] == [1, 1]


async def test_what_an_erased_person_with_the_same_id_was_shown_is_left_out(
    start: Start, tell: Told, database: OwnConnection
) -> None:
    first, second = await start(replica="a"), await start(replica="b")
    bob = first.person("bob")
    async with bob.listening() as here, second.person("bob").listening() as there:
        await tell(SENT)
        await here.take(1)
        await there.take(1)
        await bob.post("/v1/sse/ack", {"cursor": here.cursor})
    found = await trace_of(bob)
    assert [len(replica["streams"]) for replica in found["offered"]] == [1, 1]
    assert found["acknowledgedAt"] is not None
    # Who came back has an entry with this position, too, and has seen nothing of it.
    await database.execute("UPDATE events SET stored_at = stored_at + interval '1 minute'")
    found = await trace_of(bob)
    assert [replica["streams"] for replica in found["offered"]] == [[], []]
    assert found["deliveredAt"] is found["acknowledgedAt"] is None


async def test_a_replica_that_does_not_answer_is_left_out(
    start: Start, tell: Told, database: OwnConnection
) -> None:
    only = await start(replica="a")
    await database.execute("INSERT INTO replicas VALUES ('gone', now() + interval '1 minute')")
    async with only.person("bob").listening() as stream:
        await tell(SENT)
        await stream.take(1)
        [replica] = (await trace_of(only.person("bob")))["offered"]
    assert len(replica["streams"]) == 1


async def test_nobody_keeps_the_replicas_busy_with_questions(
    bob: Reader, send: Send, stored: Stored
) -> None:
    await send([new_event(SENT)])
    await stored("bob", 1)
    answers = [await bob.get("/v1/notifications/1/trace") for _ in range(TRACES_BURST + 20)]
    assert {answer.status for answer in answers} == {HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS}
    # All else counts apart.
    assert (await bob.get("/v1/notifications")).status == HTTPStatus.OK


async def test_a_trace_that_is_none_keeps_nobody_from_being_told(
    bob: Reader, send: Send, stored: Stored
) -> None:
    await send([replace(new_event(SENT), traceparent="x\0")])
    await stored("bob", 1)
    assert (await trace_of(bob))["traceId"] is None

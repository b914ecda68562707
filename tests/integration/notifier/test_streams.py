"""What only streams do: frames, heartbeats, ends."""

import time

from tests.builders import a_group, a_message_sent
from tests.fixtures.tokens import bearer
from tests.integration.notifier.conftest import Replica, Start, Stored, Told
from tests.integration.notifier.people import Reader


async def test_a_stream_opens_with_where_it_starts_and_when_to_come_back(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    await tell(a_message_sent(), a_message_sent())
    await stored("bob", 2)
    async with bob.stream("1") as stream:
        headers = stream.response.headers
        assert headers["Content-Type"].partition(";")[0] == "text/event-stream"
        assert headers["Cache-Control"] == "no-cache, no-transform"
        assert headers["X-Accel-Buffering"] == "no"
        assert "Content-Encoding" not in headers
        connected = await stream.next()
        assert connected.name == "connected"
        assert stream.retry is not None and 1000 <= stream.retry <= 5000
        said = connected.json
        assert abs(said.pop("timestamp") - time.time() * 1000) < 60_000
        epoch = said["cursor"].partition("-")[0]
        assert connected.last_event_id == f"{epoch}-1"
        assert said == {
            "userId": "bob",
            "cursor": f"{epoch}-1",
            "newest": f"{epoch}-2",
            "unread": 2,
            "heartbeat": 30,
        }
        notification = await stream.next()
        assert notification.name == "notification"
        assert (notification.last_event_id, notification.json["id"]) == (f"{epoch}-2", "2")


async def test_a_client_without_headers_resumes_by_the_query_and_the_header_wins(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    group = a_group()
    await tell(*(a_message_sent(group, seq) for seq in (1, 2, 3)))
    await stored("bob", 3)
    async with bob.listening(lastEventId="1") as stream:
        assert [entry["id"] for entry in await stream.take(2)] == ["2", "3"]
    async with bob.listening("2", lastEventId="0") as stream:
        assert [entry["id"] for entry in await stream.take(1)] == ["3"]
    # An EventSource that has seen no id yet sends an empty one.
    async with bob.stream("", lastEventId="") as stream:
        assert (await stream.next()).json["cursor"].endswith("-3")


async def test_someone_who_was_never_told_anything_can_listen(bob: Reader, tell: Told) -> None:
    async with bob.stream() as stream:
        connected = (await stream.next()).json
        assert connected["cursor"] == connected["newest"]
        assert connected["cursor"].endswith("-0")
        await tell(a_message_sent())
        assert [entry["id"] for entry in await stream.take(1)] == ["1"]


async def test_all_streams_of_a_person_get_everything(bob: Reader, tell: Told) -> None:
    async with bob.listening() as phone, bob.listening() as laptop:
        await tell(a_message_sent())
        assert await phone.take(1) == await laptop.take(1)


async def test_a_heartbeat_carries_the_newest_cursor_and_no_id(start: Start, tell: Told) -> None:
    bob = (await start(heartbeat_seconds=1)).person("bob")
    async with bob.listening() as stream:
        await tell(a_message_sent())
        await stream.take(1)
        position = stream.cursor
        beat = await stream.named("heartbeat")
        assert beat.json["cursor"] == position
        assert abs(beat.json["timestamp"] - time.time() * 1000) < 60_000
        assert beat.last_event_id == position


async def test_a_stream_ends_with_its_token(notifier: Replica, tell: Told) -> None:
    bob = notifier.person("bob")
    bob.headers = bearer("bob", exp=int(time.time()) + 2)
    async with bob.listening() as stream:
        assert [event.name for event in await stream.rest()] == ["token_expired"]
    assert (await bob.poll()).code == "token_expired"


async def test_a_poll_ends_with_its_token(notifier: Replica) -> None:
    bob = notifier.person("bob")
    bob.headers = bearer("bob", exp=int(time.time()) + 2)
    answer = await bob.poll(timeout=60)
    assert (answer.status, answer.body["notifications"]) == (200, [])


async def test_the_oldest_stream_makes_room_for_one_too_many(start: Start, tell: Told) -> None:
    bob = (await start(streams_per_user=2)).person("bob")
    async with bob.listening() as oldest, bob.listening() as second, bob.listening() as third:
        [closed] = await oldest.rest()
        assert (closed.name, closed.json) == ("closed", {"reason": "too_many_streams"})
        assert oldest.retry == 60_000
        await tell(a_message_sent())
        assert await second.take(1) == await third.take(1)


async def test_a_connection_without_a_sign_of_life_is_closed(start: Start) -> None:
    bob = (await start(stale_sweep_seconds=0.2, stale_after_seconds=0.3)).person("bob")
    async with bob.listening() as stream:
        assert await stream.rest() == []


async def test_other_methods_are_refused_with_what_is_allowed(bob: Reader) -> None:
    for path, allowed in (("stream", "GET"), ("poll", "GET"), ("ack", "POST"), ("ticket", "POST")):
        answer = await bob.call("DELETE", f"/v1/sse/{path}")
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)

"""What only polls and acknowledgements do."""

import asyncio

from tests.builders import a_group, a_message_sent
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Stored, Told
from tests.integration.notifier.people import Reader


async def test_an_empty_poll_answers_after_its_timeout(bob: Reader) -> None:
    answer = await bob.poll(timeout=0)
    body = answer.body
    assert (answer.status, body["notifications"], body["more"]) == (200, [], False)
    assert body["cursor"].endswith("-0")
    assert isinstance(body["timestamp"], int)
    assert (await bob.poll(timeout=1)).body["notifications"] == []


async def test_a_held_poll_answers_as_soon_as_something_comes(
    bob: Reader, notifier: Replica, tell: Told
) -> None:
    held = asyncio.create_task(bob.poll(timeout=60))
    await eventually(lambda: notifier.streams == 1)
    await tell(a_message_sent())
    async with asyncio.timeout(5):
        body = (await held).body
    assert [entry["id"] for entry in body["notifications"]] == ["1"]
    assert body["cursor"].endswith("-1")


async def test_a_long_mailbox_comes_in_pages_of_a_hundred(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    group = a_group()
    await tell(*(a_message_sent(group, seq) for seq in range(1, 251)))
    await stored("bob", 250)
    got: list[str] = []
    more = []
    cursor = "0"
    for _ in range(3):
        body = (await bob.poll(cursor)).body
        got += [entry["id"] for entry in body["notifications"]]
        more.append(body["more"])
        cursor = body["cursor"]
    assert got == [str(number) for number in range(1, 251)]
    assert more == [True, True, False]


async def test_an_empty_after_means_no_cursor(bob: Reader, tell: Told, stored: Stored) -> None:
    await tell(a_message_sent())
    await stored("bob", 1)
    body = (await bob.poll(after="")).body
    assert "reset" not in body
    assert [entry["id"] for entry in body["notifications"]] == ["1"]


async def test_a_poll_with_a_cursor_can_be_repeated(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    await tell(a_message_sent())
    await stored("bob", 1)
    first, again = [(await bob.poll("0")).body["notifications"] for _ in range(2)]
    assert [entry["id"] for entry in first] == [entry["id"] for entry in again] == ["1"]


async def test_a_bad_timeout_is_refused(bob: Reader) -> None:
    for timeout in ("61", "-1", "1.5", "x", "", "1e1"):
        answer = await bob.get(f"/v1/sse/poll?timeout={timeout}")
        assert (answer.status, answer.bad_fields) == (422, ["timeout"]), timeout


async def test_an_acknowledgement_only_ever_raises_the_mark(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    group = a_group()
    await tell(*(a_message_sent(group, seq) for seq in (1, 2, 3)))
    await stored("bob", 3)
    epoch = (await bob.poll("3")).body["cursor"].partition("-")[0]
    for sent, reached in ((f"{epoch}-2", 3), ("3", 3), ("0", 3)):
        answer = await bob.post("/v1/sse/ack", {"cursor": sent})
        assert (answer.status, answer.body) == (200, {"cursor": f"{epoch}-{reached}"})


async def test_an_acknowledgement_of_what_cannot_be_had_is_refused(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    await tell(a_message_sent())
    await stored("bob", 1)
    for cursor in ("2", "e1-1", "nonsense", "", 1, None):
        answer = await bob.post("/v1/sse/ack", {"cursor": cursor})
        assert (answer.status, answer.bad_fields) == (422, ["cursor"]), cursor
    answer = await bob.post("/v1/sse/ack", {"curser": "1"})
    assert (answer.status, answer.bad_fields) == (422, ["cursor", "curser"])
    assert (await bob.post("/v1/sse/ack", [])).status == 400
    assert not (await bob.inbox())[0]["isDelivered"]


async def test_one_without_a_mailbox_can_acknowledge_the_beginning(bob: Reader) -> None:
    answer = await bob.post("/v1/sse/ack", {"cursor": "0"})
    assert (answer.status, answer.body["cursor"][-2:]) == (200, "-0")
    assert (await bob.post("/v1/sse/ack", {"cursor": "1"})).status == 422

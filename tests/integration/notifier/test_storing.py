"""From events to entries: once each, contiguous, in order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.events.envelope import Event, new_event
from tests.builders import a_group, a_group_created, a_message_deleted, a_message_sent
from tests.integration.notifier.conftest import Replica, Send, Stored, Told
from tests.integration.notifier.people import Reader


async def test_an_event_that_comes_three_times_is_told_once(
    bob: Reader, send: Send, stored: Stored
) -> None:
    again, other = new_event(a_message_sent()), new_event(a_message_sent())
    await send([again, again])
    await stored("bob", 1)
    await send([again, other, other])
    await stored("bob", 2)
    assert [entry["eventId"] for entry in await bob.inbox()] == [str(other.id), str(again.id)]
    assert await bob.unread() == 2


async def test_somebody_named_twice_in_an_audience_is_told_once(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    await tell(a_message_sent(to=("bob", "carol", "bob")))
    await stored("bob", 1)
    assert len(await bob.inbox()) == 1


async def test_positions_are_contiguous_over_batches_and_a_large_audience(
    notifier: Replica, send: Send, stored: Stored
) -> None:
    group = a_group()
    everybody = [f"user-{number}" for number in range(1023)] + ["bob"]

    def burst(start: int) -> list[Event]:
        return [
            new_event(a_message_sent(group, seq, to=everybody)) for seq in range(start, start + 6)
        ]

    first, second = burst(1), burst(7)
    await send(first)
    await send([*first, *second])
    await stored("user-500", 12)
    await stored("bob", 12)
    entries = list(reversed(await notifier.person("bob").inbox(limit="100")))
    assert [entry["id"] for entry in entries] == [str(n) for n in range(1, 13)]
    assert [entry["data"]["seq"] for entry in entries] == list(range(1, 13))


async def test_facts_of_groups_and_chat_share_one_mailbox(
    bob: Reader, tell: Told, stored: Stored
) -> None:
    group = a_group()
    await tell(a_group_created(group), a_message_sent(group))
    await stored("bob", 2)
    assert [entry["type"] for entry in await bob.inbox()] == ["message.new", "group.invite"]


async def test_a_system_message_tells_nobody(bob: Reader, tell: Told, stored: Stored) -> None:
    await tell(a_message_sent(to=()), a_message_sent(content="seen"))
    await stored("bob", 1)
    assert [entry["message"] for entry in await bob.inbox()] == ["seen"]


async def test_a_message_that_comes_after_its_deletion_brings_no_content_back(
    bob: Reader, send: Send, stored: Stored
) -> None:
    sent = a_message_sent(content="a secret")
    await send([new_event(a_message_deleted(sent))])
    await stored("bob", 1)
    # Parked then, and retried now.
    late = replace(new_event(sent), time=datetime.now(UTC) - timedelta(hours=1))
    async with bob.listening() as stream:
        await stream.take(1)
        await send([late])
        [pushed] = await stream.take(1)
    [kept, _] = await bob.inbox()
    for entry in (pushed, kept):
        assert (entry["message"], entry["data"]["content"]) == ("", "")
        assert entry["data"]["isDeleted"] is True

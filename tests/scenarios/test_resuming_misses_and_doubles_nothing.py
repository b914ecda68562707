"""A link that breaks, a phone that sleeps, a proxy that lets no stream through: each entry once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.scenarios.people import Json, User

COUNT = 80
EXPECTED = [f"Message {number}" for number in range(COUNT)]


@asynccontextmanager
async def flowing(sender: User, group: Json) -> AsyncIterator[None]:
    """Messages flow while the block runs, and all of them have been sent when it ends."""

    async def flow() -> None:
        for content in EXPECTED:
            await sender.sends(group, content)

    task = asyncio.create_task(flow())
    try:
        yield
    finally:
        await task


async def test_a_stream_cut_while_messages_flow_resumes_where_it_was(
    alice: User, bob: User
) -> None:
    group = await alice.creates_group(bob)
    contents: list[str] = []
    cursor = None
    cuts = 0
    async with flowing(alice, group):
        while len(contents) < COUNT:
            async with bob.stream(cursor) as stream:
                if cursor is None:
                    await stream.told("group.invite")
                # Cut off in the middle of what comes, wherever that is.
                for _ in range(min(7, COUNT - len(contents))):
                    await stream.told("message.new")
            contents += stream.contents
            cursor = stream.cursor
            cuts += 1
    assert contents == EXPECTED
    assert cuts > 3


async def test_a_stream_cut_before_its_first_entry_resumes_from_where_it_began(
    alice: User, bob: User
) -> None:
    group = await alice.creates_group(bob)
    async with bob.stream() as stream:
        await stream.told("group.invite")
        cursor = stream.cursor
    async with bob.stream(cursor) as cut:
        assert cut.cursor == cursor
    message = await alice.sends(group, "In between")
    async with bob.stream(cut.cursor) as stream:
        await stream.told("message.new", messageId=message["id"])
        assert len(stream.notifications) == 1


async def test_a_client_that_goes_back_and_forth_between_stream_and_poll(
    alice: User, bob: User
) -> None:
    group = await alice.creates_group(bob)
    poller = bob.poller()
    assert (await poller.ask(hold=5))["notifications"][0]["type"] == "group.invite"
    contents: list[str] = []
    cursor = poller.cursor
    async with flowing(alice, group):
        while len(contents) < COUNT:
            poller = bob.poller(cursor)
            await poller.ask(hold=5)
            contents += poller.contents
            async with bob.stream(poller.cursor) as stream:
                if len(contents) < COUNT:
                    await stream.told("message.new")
            contents += stream.contents
            cursor = stream.cursor
    assert contents == EXPECTED


async def test_a_poll_after_what_was_streamed_without_a_cursor_gives_only_the_rest(
    alice: User, bob: User, stack: Stack
) -> None:
    """Without a cursor it goes by what was delivered."""
    group = await alice.creates_group(bob)
    async with bob.stream() as stream:
        await alice.sends(group, "Streamed")
        await stream.told("message.new", content="Streamed")

        async def marked() -> bool:
            return all(entry["isDelivered"] for entry in await bob.inbox())

        await eventually(marked)
    await alice.sends(group, "Polled")
    poller = bob.poller()
    await poller.ask(hold=5)
    assert poller.contents == ["Polled"]


async def test_who_reloads_the_inbox_and_polls_from_there_is_answered_at_once(
    alice: User, bob: User, stack: Stack
) -> None:
    """The cursor proves more than was delivered, and there is more to give."""
    group = await alice.creates_group(bob)
    await alice.sends(group, "Loaded")
    await stack.settled()
    poller = bob.poller((await bob.inbox())[0]["id"])
    await alice.sends(group, "Polled")
    await stack.settled()
    async with asyncio.timeout(5):
        await poller.ask()
    assert poller.contents == ["Polled"]


async def test_what_waits_comes_oldest_first_in_answers_of_a_hundred(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    for number in range(149):
        await alice.sends(group, f"Message {number}")
    await stack.settled()
    poller = bob.poller()
    first = await poller.ask()
    assert (len(first["notifications"]), first["more"]) == (100, True)
    rest = await poller.ask()
    assert (len(rest["notifications"]), rest["more"]) == (50, False)
    assert poller.contents == [f"Message {number}" for number in range(149)]


async def test_only_the_client_s_word_counts_where_it_asked_for_that(
    alice: User, bob: User
) -> None:
    group = await alice.creates_group(bob)
    async with alice.stream() as alices:
        async with bob.stream(ack="client") as stream:
            message = await alice.sends(group, "Lost on the way?")
            await stream.told("message.new")
        async with bob.stream(ack="client") as stream:
            await stream.told("message.new")
            assert alices.of_type("message.delivered") == []
            assert (await alice.status_of(message))["delivered"] == 0
            answer = await bob.post("/v1/sse/ack", {"cursor": stream.cursor})
            assert answer.body == {"cursor": stream.cursor}
        await alices.told("message.delivered", messageIds=[message["id"]])


async def test_a_client_that_can_not_be_served_everything_is_told_to_reload(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    await stack.settled()
    for unread, cursor in enumerate(("e1-1", "nonsense", "999"), start=1):
        async with bob.stream(cursor) as stream:
            reset = await stream.next("reset")
            assert reset["resyncUrl"] == "/v1/notifications"
            assert reset["unread"] == unread
            assert isinstance(reset["reason"], str)
            # From there it goes on as ever.
            message = await alice.sends(group, f"After {cursor}")
            await stream.told("message.new", messageId=message["id"])

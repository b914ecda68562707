"""People who use `clients/python`, while parts of the system die and proxies hold streams back."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from circles_client import (
    Circles,
    FileCursor,
    MemoryCursor,
    Notification,
    Problem,
    Reset,
    State,
    StateChange,
    Timing,
    TokenRefused,
)

from tests.fixtures.proxies import Proxy
from tests.fixtures.stack import Stack
from tests.fixtures.tokens import token
from tests.fixtures.waiting import eventually
from tests.scenarios.people import Json, User

TIMING = Timing(connect=2.0, return_to_stream=1.0, retry_at_most=2.0)
SOME = 5


class Listener:
    """Somebody who listens with the client. `entries` are what was given, in order; `states` how
    it came."""

    def __init__(self, user: User, url: str) -> None:
        self.user = user
        self.cursor = MemoryCursor()
        self.entries: list[Notification] = []
        self.states: list[State] = []
        self.client = Circles(
            url, token=token(user.id, user.name), cursor=self.cursor, timing=TIMING
        )

    async def run(self) -> None:
        async with self.client as circles:
            async for event in circles.events():
                match event:
                    case Notification():
                        self.entries.append(event)
                    case StateChange():
                        self.states.append(event.state)
                    case Reset():
                        raise AssertionError(f"told to reload: {event}")

    async def is_told(self, more: int) -> None:
        wanted = len(self.entries) + more

        async def enough() -> bool:
            return len(self.entries) >= wanted

        await eventually(enough, seconds=40)

    async def comes_by(self, state: State) -> None:
        async def does() -> bool:
            return self.states[-1:] == [state]

        await eventually(does, seconds=40)

    async def has_all(self) -> None:
        """What was given is the inbox: nothing is missing, nothing there twice."""
        inbox: list[Json] = []

        async def complete() -> bool:
            # Read anew each time: a receipt that was only remembered may become an entry meanwhile.
            nonlocal inbox
            inbox = await self.user.whole_inbox()
            return len(self.entries) == len(inbox)

        with suppress(TimeoutError):
            await eventually(complete, seconds=20)
        assert [each.id for each in self.entries] == [each["id"] for each in inbox]


@asynccontextmanager
async def listening(*listeners: Listener) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(listener.run()) for listener in listeners]
    try:
        for listener in listeners:
            await listener.comes_by(State.STREAMING)
        yield
        for task in tasks:
            assert not task.done(), task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def chatter(user: User, url: str, group: Json) -> AsyncIterator[list[str]]:
    """Messages all the while; yields what was accepted."""
    sent: list[str] = []

    async def talk(circles: Circles) -> None:
        while True:
            text = f"{user.name} {len(sent)}"
            await circles.send(group["id"], text)
            sent.append(text)
            await asyncio.sleep(0.05)

    async with Circles(url, token=token(user.id, user.name), timing=TIMING) as circles:
        talking = asyncio.create_task(talk(circles))
        try:
            yield sent
        finally:
            talking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await talking


def messages(listener: Listener) -> list[str]:
    return [each.data["content"] for each in listener.entries if each.type == "message.new"]


async def test_notifiers_killed_while_messages_flow_lose_and_double_nothing(
    alice: User, bob: User, carol: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, carol)
    listeners = [Listener(user, stack.url) for user in (bob, carol, alice)]
    async with listening(*listeners):
        async with chatter(alice, stack.url, group) as sent:
            for victim in ("notifier-1", "notifier-2", "chat-1"):
                await asyncio.gather(*(listener.is_told(SOME) for listener in listeners[:2]))
                await stack.kill(victim)
                await stack.healed()
            await asyncio.gather(*(listener.is_told(SOME) for listener in listeners[:2]))
        await stack.settled()
        for listener in listeners:
            await listener.has_all()
        # The one that was under way in the end may have been accepted or not.
        for listener in listeners[:2]:
            assert messages(listener)[: len(sent)] == sent
            assert len(messages(listener)) - len(sent) in (0, 1)
            assert State.WAITING in listener.states


async def test_a_proxy_that_buffers_is_got_round_by_polls_and_left_again_for_a_stream(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    async with Proxy(stack.url).running() as proxy:
        listener = Listener(bob, proxy.url)
        async with listening(listener), chatter(alice, stack.url, group):
            await listener.is_told(SOME)
            proxy.buffers = True
            # As when the proxy's set-up is changed: its connections end.
            await stack.kill("notifier-1")
            await stack.kill("notifier-2")
            await stack.healed()
            await listener.comes_by(State.POLLING)
            await listener.is_told(SOME)
            proxy.buffers = False
            await listener.comes_by(State.STREAMING)
            await listener.is_told(SOME)
        assert proxy.broken > 0
        await stack.settled()
        async with listening(listener := _again(listener, stack.url)):
            await listener.has_all()


def _again(before: Listener, url: str) -> Listener:
    """The same person in a later run, with the cursor of the one before."""
    after = Listener(before.user, url)
    after.cursor.cursor = before.cursor.cursor
    handled = int((before.cursor.cursor or "").rpartition("-")[2])
    after.entries = [each for each in before.entries if int(each.id) <= handled]
    return after


async def test_the_next_run_goes_on_where_this_one_ended(
    alice: User, bob: User, stack: Stack, tmp_path: object
) -> None:
    group = await alice.creates_group(bob)
    got: list[str] = []
    for round_ in range(3):
        await alice.sends(group, f"Round {round_}")
        async with Circles(
            stack.url, token=token(bob.id), cursor=FileCursor(f"{tmp_path}/bob")
        ) as circles:
            async for notification in circles.notifications():
                if notification.type == "message.new":
                    got.append(notification.data["content"])
                    break
    assert got == ["Round 0", "Round 1", "Round 2"]


async def test_what_was_handled_counts_as_delivered_and_nothing_else(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    first = await alice.sends(group, "One")
    second = await alice.sends(group, "Two")
    async with Circles(stack.url, token=token(bob.id)) as circles:
        async for notification in circles.notifications():
            if notification.data.get("messageId") == first["id"]:
                break

    async def delivered() -> bool:
        return bool((await alice.status_of(first))["delivered"])

    await eventually(delivered)
    assert (await alice.status_of(second))["delivered"] == 0


async def test_tokens_that_end_are_replaced_and_nothing_is_missed(
    alice: User, bob: User, stack: Stack
) -> None:
    given: list[str] = []

    async def issue() -> str:
        given.append(token(bob.id, exp=int(time.time()) + 2))
        return given[-1]

    group = await alice.creates_group(bob)
    contents: list[str] = []
    async with (
        chatter(alice, stack.url, group) as sent,
        Circles(stack.url, token=issue, timing=TIMING) as circles,
    ):
        async for notification in circles.notifications():
            if notification.type == "message.new":
                contents.append(notification.data["content"])
            if len(given) == 4:
                break
    assert contents and contents == sent[: len(contents)]


async def test_a_refused_token_is_told_at_once(bob: User, stack: Stack) -> None:
    async with Circles(stack.url, token=token(bob.id, aud="another-system")) as circles:
        with pytest.raises(TokenRefused, match="token_invalid"):
            async with asyncio.timeout(5):
                async for _ in circles.notifications():
                    pass


async def test_calls_answer_what_the_server_says(alice: User, bob: User, stack: Stack) -> None:
    async with (
        Circles(stack.url, token=token(alice.id, "Alice")) as hers,
        Circles(stack.url, token=token(bob.id, "Bob")) as his,
    ):
        group = await hers.create_group("Lunch", [bob.id], description="Noon")
        message = await hers.send(group["id"], "Soup?", client_message_id="soup-1")
        assert (await hers.send(group["id"], "Soup?", client_message_id="soup-1")) == message
        assert (await his.read(message["id"]))["readSeq"] == message["seq"]
        assert (await hers.message_status(message["id"]))["readBy"] == [bob.id]
        assert [m["content"] for m in (await his.history(group["id"]))["messages"]][-1] == "Soup?"
        await stack.settled()
        assert [e["type"] for e in (await his.inbox(unread=True))["notifications"]] == [
            "message.new",
            "group.invite",
        ]
        assert await his.mark_all_read() == 2
        assert await his.unread_count() == 0
        with pytest.raises(Problem) as refused:
            await his.create_group(" ", settings={"maxMembers": 1})
        assert (refused.value.status, refused.value.code) == (422, "invalid")
        assert {error["field"] for error in refused.value.errors} == {"name", "settings.maxMembers"}

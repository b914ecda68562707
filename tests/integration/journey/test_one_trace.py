"""One message, followed from the call that sends it to the frame that shows it."""

import asyncio

import pytest

from shared.events.chat import MessageSent
from shared.trace_context import trace_id_of
from tests.fixtures.spans import WAY_OF_A_MESSAGE, Spans
from tests.fixtures.waiting import eventually
from tests.integration.chat.conftest import World
from tests.integration.notifier.conftest import Replica

TRACE = "0af7651916cd43dd8448eb211c80319c"
GIVEN = f"00-{TRACE}-b7ad6b7169203331-01"


async def said(world: World, notifier: Replica, **headers: str) -> str:
    """Alice writes, and Bob's stream shows it; the id of the notification's trace."""
    alice = world.person("alice", "Alice")
    group = await alice.creates_group("bob")
    async with notifier.person("bob").listening() as stream:
        [invitation] = await stream.take(1)
        assert invitation["type"] == "group.invite"
        answer = await alice.call(
            "POST", f"/v1/groups/{group}/messages", json={"content": "Hello"}, headers=headers
        )
        assert answer.status == 201, answer.body
        [shown] = await stream.take(1)
    found = await notifier.person("bob").get(f"/v1/notifications/{shown['id']}/trace")
    trace: str = found.body["traceId"]
    return trace


@pytest.mark.parametrize("headers", [{"traceparent": GIVEN}, {}], ids=["given", "made"])
async def test_a_message_is_followed_to_its_frame(
    world: World, notifier: Replica, spans: Spans, headers: dict[str, str]
) -> None:
    trace = await said(world, notifier, **headers)
    assert (trace == TRACE) == bool(headers)
    await eventually(lambda: set(WAY_OF_A_MESSAGE) <= set(spans.names(trace)))
    found = spans.of(trace)
    # The door's span hangs under the caller's; everything else under one that is in the trace.
    ids = {span.context.span_id for span in found if span.context is not None}
    outside = [span.name for span in found if span.parent and span.parent.span_id not in ids]
    assert outside == ([WAY_OF_A_MESSAGE[0]] if headers else [])
    assert "Hello" not in str([span.to_json() for span in found])


async def test_without_anybody_who_collects_events_still_say_their_trace(
    world: World, notifier: Replica
) -> None:
    assert await said(world, notifier, traceparent=GIVEN) == TRACE


async def test_messages_that_share_a_transaction_keep_their_own_traces(world: World) -> None:
    alice = world.person("alice", "Alice")
    group = await alice.creates_group("bob")
    traces = [f"{number:032x}" for number in range(1, 21)]
    await alice.sends(group, "first")
    answers = await asyncio.gather(
        *(
            alice.call(
                "POST",
                f"/v1/groups/{group}/messages",
                json={"content": trace},
                headers={"traceparent": f"00-{trace}-b7ad6b7169203331-00"},
            )
            for trace in traces
        )
    )
    assert {answer.status for answer in answers} == {201}
    found = [
        (event.fact.message.content, trace_id_of(event.traceparent or ""))
        for event in await world.facts.events()
        if isinstance(event.fact, MessageSent) and event.fact.message.content in traces
    ]
    assert sorted(found) == [(trace, trace) for trace in traces]

"""A native EventSource sends no headers: a ticket and a cursor in the query must do."""

import asyncio
import time
from http import HTTPStatus

import aiohttp

from tests.fixtures.sse import open_stream
from tests.fixtures.tokens import bearer
from tests.scenarios.people import User


async def ticket_of(user: User) -> str:
    answer = await user.post("/v1/sse/ticket")
    assert answer.status == HTTPStatus.OK, answer
    assert answer.body["expiresIn"] == 600
    return str(answer.body["ticket"])


async def test_a_ticket_opens_streams_again_and_again(
    alice: User, bob: User, http: aiohttp.ClientSession
) -> None:
    ticket = await ticket_of(bob)
    group = await alice.creates_group(bob)
    async with open_stream(http, {}, ticket=ticket) as stream:
        assert stream.connected["userId"] == bob.id
        await stream.told("group.invite")
    message = await alice.sends(group, "While it was cut")
    # The browser itself repeats the URL and adds the header.
    async with open_stream(http, {}, stream.cursor, ticket=ticket) as again:
        await again.told("message.new", messageId=message["id"])
        assert len(again.notifications) == 1


async def test_a_rebuilt_event_source_says_its_cursor_in_the_query(
    alice: User, bob: User, http: aiohttp.ClientSession
) -> None:
    ticket = await ticket_of(bob)
    group = await alice.creates_group(bob)
    async with open_stream(http, {}, ticket=ticket) as stream:
        await stream.told("group.invite")
        await alice.sends(group, "Before")
        await stream.told("message.new")
    await alice.sends(group, "After")
    cursor = stream.cursor or ""
    async with open_stream(http, {}, ticket=ticket, lastEventId=cursor) as again:
        await again.told("message.new", content="After")
        assert again.contents == ["After"]
    # The header knows better: the browser adds it to the same URL when it reconnects.
    async with open_stream(http, {}, again.cursor, ticket=ticket, lastEventId=cursor) as third:
        message = await alice.sends(group, "And on")
        await third.told("message.new", messageId=message["id"])
        assert third.contents == ["And on"]


async def test_a_ticket_opens_polls_and_nothing_else(
    alice: User, http: aiohttp.ClientSession
) -> None:
    query = {"ticket": await ticket_of(alice), "timeout": "0"}
    async with http.get("/v1/sse/poll", params=query) as answer:
        assert answer.status == HTTPStatus.OK
    for path in ("/v1/notifications", "/v1/groups", "/v1/conversations"):
        async with http.get(path, params=query) as answer:
            assert answer.status == HTTPStatus.UNAUTHORIZED
    headers = {"Authorization": f"Bearer {query['ticket']}"}
    for path in ("/v1/notifications", "/v1/groups", "/v1/conversations", "/v1/sse/stream"):
        async with http.get(path, headers=headers) as answer:
            assert answer.status == HTTPStatus.UNAUTHORIZED
    async with http.get("/v1/sse/stream", params={"ticket": "made-up"}) as answer:
        assert answer.status == HTTPStatus.UNAUTHORIZED
        assert answer.content_type == "application/problem+json"


async def test_streams_end_with_the_token_behind_them(
    alice: User, http: aiohttp.ClientSession
) -> None:
    """Whether it opened the stream itself or bought the ticket."""
    headers = bearer(alice.id, exp=int(time.time()) + 2)
    async with http.post("/v1/sse/ticket", headers=headers) as answer:
        bought = await answer.json()
        assert bought["expiresIn"] <= 2
    async with (
        open_stream(http, headers) as first,
        open_stream(http, {}, ticket=bought["ticket"]) as second,
    ):
        await asyncio.gather(first.next("token_expired"), second.next("token_expired"))
        await asyncio.gather(first.ended(), second.ended())

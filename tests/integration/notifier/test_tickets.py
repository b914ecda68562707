"""Tickets: for clients that can't set headers, and good for nothing but streams and polls."""

import time

from tests.builders import a_message_sent
from tests.fixtures.tokens import bearer, token
from tests.integration.notifier.conftest import Replica, Start, Told
from tests.integration.notifier.people import Reader


async def test_a_ticket_lives_ten_minutes_but_never_longer_than_its_token(
    bob: Reader, notifier: Replica
) -> None:
    answer = await bob.post("/v1/sse/ticket")
    assert (answer.status, answer.body["expiresIn"]) == (200, 600)
    bob.headers = bearer("bob", exp=int(time.time()) + 60)
    assert 55 <= (await bob.post("/v1/sse/ticket")).body["expiresIn"] <= 60


async def test_a_stream_by_ticket_ends_with_the_token_behind_it(
    bob: Reader, start: Start, tell: Told
) -> None:
    bob.headers = bearer("bob", exp=int(time.time()) + 3)
    ticket = (await bob.post("/v1/sse/ticket")).body["ticket"]
    bob.headers = {}
    async with bob.listening(ticket=ticket) as stream:
        await tell(a_message_sent())
        await stream.take(1)
        assert [event.name for event in await stream.rest()] == ["token_expired"]
    assert (await bob.poll(ticket=ticket)).code == "ticket_expired"


async def test_a_stream_by_ticket_outlives_the_ticket(start: Start, tell: Told) -> None:
    bob = (await start(ticket_seconds=1, heartbeat_seconds=1)).person("bob")
    ticket = (await bob.post("/v1/sse/ticket")).body["ticket"]
    bob.headers = {}
    async with bob.listening(ticket=ticket) as stream:
        for _ in range(2):
            await stream.named("heartbeat")
        assert (await bob.poll(ticket=ticket)).code == "ticket_expired"
        await tell(a_message_sent())
        await stream.take(1)


async def test_a_ticket_opens_nothing_else(bob: Reader) -> None:
    ticket = (await bob.post("/v1/sse/ticket")).body["ticket"]
    for headers in ({}, {"Authorization": f"Bearer {ticket}"}):
        bob.headers = headers
        for method, path in [
            ("GET", "/v1/notifications"),
            ("GET", "/v1/notifications/unread-count"),
            ("PATCH", "/v1/notifications/read-all"),
            ("POST", "/v1/sse/ack"),
            ("POST", "/v1/sse/ticket"),
            ("GET", "/v1/presence?userIds=bob"),
        ]:
            separator = "&" if "?" in path else "?"
            answer = await bob.call(method, f"{path}{separator}ticket={ticket}")
            assert answer.status == 401, path
    bob.headers = {"Authorization": f"Bearer {ticket}"}
    assert (await bob.poll()).status == 401


async def test_only_tickets_made_here_open_streams(bob: Reader) -> None:
    ticket = (await bob.post("/v1/sse/ticket")).body["ticket"]
    head, payload, signature = ticket.split(".")
    tampered, unsigned = f"{head}.{payload[:-2]}AA.{signature}", f"{head}.{payload}."
    bob.headers = {}
    for bad in (tampered, unsigned, token("bob"), ""):
        assert (await bob.poll(ticket=bad)).code == "ticket_invalid", bad


async def test_a_header_wins_over_a_ticket(bob: Reader, notifier: Replica, tell: Told) -> None:
    ticket = (await notifier.person("carol").post("/v1/sse/ticket")).body["ticket"]
    async with bob.stream(ticket=ticket) as stream:
        assert (await stream.next()).json["userId"] == "bob"

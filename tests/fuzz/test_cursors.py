"""A client says where it was, in whatever form: it gets everything after that, once and in order,
or is told to reload. Never a hole that it can't see, and never an error of ours."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote_to_bytes
from uuid import uuid4

import aiohttp
import pytest
from yarl import URL

from tests.fixtures.event_stream import EventStreamReader, StreamEvent
from tests.fixtures.stack import Stack
from tests.fuzz.effort import SECONDS, Effort, Figures
from tests.scenarios.people import User

LAST = 12
# What comes behind the last entry comes at once, or not at all.
QUIET_SECONDS = 0.05
PATIENCE = 10.0
CURSOR = re.compile(rb"(?:e([0-9]{1,18})-)?([0-9]{1,18})")
RESET = "reset"


@dataclass(frozen=True)
class Mailbox:
    """A mailbox with entries 1 to LAST, and the epoch of its store."""

    user: User
    epoch: int

    def outcome(self, text: bytes) -> int | str | None:
        """What this cursor must lead to: the position to go on from, RESET, or None where it says
        nothing."""
        if not text:
            return None
        found = CURSOR.fullmatch(text)
        if found is None or int(found[2]) > LAST or int(found[1] or self.epoch) != self.epoch:
            return RESET
        return int(found[2])


@pytest.fixture(scope="module")
async def mailbox(http: aiohttp.ClientSession, stack: Stack) -> Mailbox:
    names = ("alice", "bob")
    alice, bob = (User(http, f"{name}-{uuid4().hex[:8]}", name.title()) for name in names)
    group = await alice.creates_group(bob)
    for number in range(LAST - 1):
        await alice.sends(group, f"Message {number}")
    await stack.settled()
    poll = await bob.get("/v1/sse/poll?timeout=0&after=0")
    assert [int(each["id"]) for each in poll.body["notifications"]] == list(range(1, LAST + 1))
    return Mailbox(bob, int(poll.body["cursor"][1:].partition("-")[0]))


def cursors(mailbox: Mailbox) -> list[bytes]:
    """Those that mean something, and what only looks like one."""
    epoch, huge = mailbox.epoch, 10**18 - 1
    texts = [f"e{epoch}-{seq}" for seq in (0, 1, LAST - 1, LAST, LAST + 1, 2**31, 2**63 - 1, huge)]
    texts += ["0", "1", str(LAST), str(LAST + 1), "007", f"e{epoch}-007", f"e0{epoch}-3", "-0"]
    texts += [f"e{other}-3" for other in (0, 1, epoch - 1, epoch + 1, huge, 2**63, 10**18)]
    texts += ["-1", f"e{epoch}--1", f"e-{epoch}-1", "+1", "1.0", "1e0", "0x1", "1_0", "1,2", "1 2"]
    texts += [str(10**18), str(10**19), "9" * 100, f"e{epoch}-{'9' * 30}", "e" * 1000, "9" * 1000]
    texts += [f"E{epoch}-3", f"e{epoch}_3", f"e{epoch}-", "e-3", "e3", f"{epoch}-3", f"ee{epoch}-3"]
    texts += ["null", "undefined", "NaN", "None", "true", "[]", "{}", '"3"', "'3'", "*", "%", "%33"]
    texts += ["٣", "３", "³", "x", "é", "😀", "\u2028", "e1-٣", f"e{epoch}-3\u200b", "\ufeff3"]
    texts += [
        "../3",
        "3;",
        "3#",
        "3?",
        "3&after=4",
        "3 OR 1=1",
        "<3>",
        "3\\",
        "3/",
        "$(3)",
        "e%s-3",
    ]
    return [text.encode() for text in texts] + [b"\xff", b"3\xff", b"\xc3", b"e1-3\xed\xa0\x80"]


def mutated(mailbox: Mailbox, rng: random.Random) -> bytes:
    """A good one with some bytes changed."""
    text = bytearray(f"e{mailbox.epoch}-{rng.randint(0, LAST)}".encode())
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(text) + 1)
        text[place : place + rng.randrange(2)] = bytes(
            rng.choice(b"0123456789e-+., \t") if rng.random() < 0.7 else rng.randrange(128, 256)
            for _ in range(rng.randrange(3))
        )
    return bytes(text)


def encoded(text: bytes, rng: random.Random) -> str:
    """For a query; some characters that need no encoding have one all the same."""
    return "".join(
        f"%{byte:02{rng.choice('xX')}}" if rng.random() < 0.3 else quote(bytes([byte]), safe="")
        for byte in text
    )


def in_query(written: str) -> bytes:
    return unquote_to_bytes(written)


def in_header(text: bytes) -> bytes:
    """What a header's value is: white space around it is none of it (RFC 9110, section 5.5)."""
    return text.strip(b" \t")


async def opened(
    mailbox: Mailbox, url: str, lines: list[bytes], query: str
) -> tuple[int, list[StreamEvent]]:
    """The status, and what a stream says up to the end of the mailbox."""
    address = URL(url)
    token = mailbox.user.headers["Authorization"].encode()
    head = [b"GET /v1/sse/stream?ack=client%b HTTP/1.0" % query.encode(), b"Host: circles"]
    head += [b"Authorization: " + token, *(b"Last-Event-ID: " + line for line in lines)]
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(b"\r\n".join(head) + b"\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            answer = await reader.readuntil(b"\r\n\r\n")
            status = int(answer.split(b" ", 2)[1])
            return status, await _events(reader) if status == HTTPStatus.OK else []
    finally:
        writer.transport.abort()


async def _events(reader: asyncio.StreamReader) -> list[StreamEvent]:
    stream, events = EventStreamReader(), list[StreamEvent]()
    while True:
        is_at_end = bool(events) and events[-1].last_event_id.endswith(f"-{LAST}")
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET_SECONDS if is_at_end else PATIENCE):
                piece = await reader.read(65536)
                if piece:
                    events += stream.feed(piece)
                    continue
        return events


def reached(mailbox: Mailbox, events: list[StreamEvent]) -> int | str:
    """From where the stream went on, or RESET; everything behind it came, once and in order."""
    first, *rest = [event for event in events if event.name != "heartbeat"]
    assert first.name == "connected"
    start = int(first.json["cursor"].rpartition("-")[2])
    assert first.last_event_id == first.json["cursor"] == f"e{mailbox.epoch}-{start}"
    assert first.json["newest"] == f"e{mailbox.epoch}-{LAST}"
    if rest and rest[0].name == RESET:
        assert start == LAST
        assert [event.name for event in rest] == [RESET]
        assert rest[0].json["cursor"] == rest[0].last_event_id == f"e{mailbox.epoch}-{LAST}"
        return RESET
    assert [event.last_event_id for event in rest] == [
        f"e{mailbox.epoch}-{seq}" for seq in range(start + 1, LAST + 1)
    ]
    assert [event.json["id"] for event in rest] == [str(n) for n in range(start + 1, LAST + 1)]
    return start


async def by_stream(
    mailbox: Mailbox, url: str, figures: Figures, headers: list[bytes], queries: list[str]
) -> None:
    """Open a stream that says so, and hold what comes against what must come."""
    query = "".join(f"&lastEventId={each}" for each in queries)
    said = [value for value in map(in_header, headers) if value]
    said = said or [value for value in map(in_query, queries) if value]
    status, events = await opened(mailbox, url, headers, query)
    context = (figures.seed, headers, queries, status, [event.data[:80] for event in events[:3]])
    if status != HTTPStatus.OK:
        figures.count(status)
        # A header that is none is refused before anybody looks what it says.
        assert status == HTTPStatus.BAD_REQUEST, context
        assert any(byte < 32 or byte == 127 for value in said for byte in value), context
        return
    found = reached(mailbox, events)
    figures.count("reset" if found == RESET else "resumed")
    agrees(mailbox, said, found, context)


async def by_poll(mailbox: Mailbox, figures: Figures, queries: list[str]) -> None:
    """The same by a long poll."""
    said = [value for value in map(in_query, queries) if value]
    query = "".join(f"&after={each}" for each in queries)
    path = URL(f"/v1/sse/poll?timeout=0&ack=client{query}", encoded=True)
    async with mailbox.user.http.get(path, headers=mailbox.user.headers) as answer:
        body: Any = await answer.json(content_type=None)
    context = (figures.seed, queries, answer.status, str(body)[:300])
    if answer.status != HTTPStatus.OK:
        figures.count(answer.status)
    assert answer.status == HTTPStatus.OK, context
    end = int(body["cursor"].rpartition("-")[2])
    got = [int(each["id"]) for each in body["notifications"]]
    found = RESET if "reset" in body else LAST - len(got)
    figures.count("reset" if found == RESET else "resumed")
    assert end == LAST, context
    assert got == ([] if isinstance(found, str) else list(range(found + 1, LAST + 1))), context
    agrees(mailbox, said, found, context)


def agrees(mailbox: Mailbox, said: list[bytes], found: int | str, context: object) -> None:
    """Whether a client that said all this may go on there."""
    if len(said) > 1:
        # Which of them it is at would be a guess.
        assert found == RESET, context
    elif said and (outcome := mailbox.outcome(said[0])) is not None:
        assert found == outcome, context


def ways(
    mailbox: Mailbox, url: str, figures: Figures, text: bytes, other: bytes
) -> list[Callable[[], Awaitable[None]]]:
    """All that a client may do with a cursor, and with a second one."""
    queried, other_queried = encoded(text, figures.random), encoded(other, figures.random)
    streams: list[tuple[list[bytes], list[str]]] = [
        ([text], []),
        ([], [queried]),
        ([text], [other_queried]),
        ([text, other], []),
        ([b"", text], []),
        ([], ["", queried]),
        ([b" \t"], [queried]),
    ]
    polls = ([queried], ["", queried], [queried, other_queried])
    return [
        *(partial(by_stream, mailbox, url, figures, *said) for said in streams),
        *(partial(by_poll, mailbox, figures, said) for said in polls),
    ]


async def test_everything_after_a_cursor_comes_or_a_reset(
    mailbox: Mailbox, stack: Stack, effort: Effort
) -> None:
    for figures in effort.rounds("cursors"):
        rng = figures.random
        known = cursors(mailbox)
        texts = known + [mutated(mailbox, rng) for _ in range(60)]
        for text in texts if SECONDS else rng.sample(texts, 45):
            calls = ways(mailbox, stack.url, figures, text, rng.choice(known))
            for call in calls if SECONDS else rng.sample(calls, 3):
                await call()
        await acknowledged(mailbox, stack, figures)


async def acknowledged(mailbox: Mailbox, stack: Stack, figures: Figures) -> None:
    """Acknowledge what was never given, and what was: only that moves anything."""
    delivered = "SELECT delivered_seq FROM mailboxes WHERE user_id = $1"
    user, notifier = mailbox.user, stack.tables["notifier"]
    values: list[object] = [1, None, True, [], {}, 1.0, {"cursor": "1"}]
    values += [text.decode(errors="replace") for text in cursors(mailbox)]
    for value in values if SECONDS else figures.random.sample(values, 30):
        before = await notifier.fetchval(delivered, user.id)
        answer = await user.call("POST", "/v1/sse/ack", json={"cursor": value})
        after = await notifier.fetchval(delivered, user.id)
        figures.count(answer.status)
        figures.changes += before != after and answer.status != HTTPStatus.OK
        outcome = mailbox.outcome(value.encode()) if isinstance(value, str) else RESET
        if isinstance(outcome, int):
            assert (answer.status, after) == (HTTPStatus.OK, max(before, outcome)), (value, answer)
        else:
            assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY, (value, answer)
            assert after == before, value

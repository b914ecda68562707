"""A server that plays a script: what each stream and each poll answers, in turn. The last line of a
script is played again and again."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from circles_client import Circles, Notification, StateChange, Timing, TokenSource
from circles_client.events import Event

Line = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Impatient: nothing here takes longer than the loop needs.
TIMING = Timing(
    connect=0.6, silence=0.0, poll=1, return_to_stream=0.2, retry=0.01, retry_at_most=0.05, ack=0.02
)


def entry(position: int, type_: str = "message.new") -> dict[str, Any]:
    return {
        "id": str(position),
        "type": type_,
        "title": "Alice in Lunch",
        "message": "Soup?",
        "data": {"content": f"Soup {position}"},
        "isRead": False,
        "isDelivered": False,
        "createdAt": "2026-11-23T23:40:01.123Z",
        "eventId": f"event-{position}",
    }


def event(name: str, data: object, cursor: str = "") -> bytes:
    id_line = f"id: {cursor}\n" if cursor else ""
    return f"{id_line}event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def connected(cursor: str, newest: str = "", heartbeat: float = 60) -> bytes:
    data = {"cursor": cursor, "newest": newest or cursor, "unread": 0, "heartbeat": heartbeat}
    return event("connected", data, cursor)


def heartbeat(cursor: str) -> bytes:
    return event("heartbeat", {"cursor": cursor, "timestamp": 0})


def notified(*positions: int) -> bytes:
    return b"".join(event("notification", entry(n), f"e1-{n}") for n in positions)


def reset(cursor: str) -> bytes:
    data = {"reason": "expired", "cursor": cursor, "unread": 3, "resyncUrl": "/v1/notifications"}
    return event("reset", data, cursor)


def stream(*writes: bytes, stays: bool = False) -> Line:
    """Writes these, then ends, or stays open and silent."""

    async def line(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for each in writes:
            await response.write(each)
        if stays:
            await asyncio.Event().wait()
        return response

    return line


def answered(body: object, status: int = 200) -> Line:
    async def line(request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return line


def polled(cursor: str, *positions: int) -> Line:
    return answered({"notifications": [entry(n) for n in positions], "cursor": cursor})


def problem(status: int, code: str) -> Line:
    return answered({"code": code, "detail": "Refused.", "status": status}, status)


async def silence(request: web.Request) -> web.StreamResponse:
    """Nothing comes, not even headers."""
    await asyncio.Event().wait()
    raise AssertionError("waited for ever")


class Script:
    """`opened` are the cursors that streams were opened with, `asked` those of polls, `acked` those
    that were acknowledged, `tokens` those that calls came with."""

    def __init__(self, streams: list[Line], polls: list[Line] | None = None) -> None:
        self.streams = streams
        self.polls = polls or [problem(500, "unforeseen")]
        self.url = ""
        self.opened: list[str | None] = []
        self.asked: list[str | None] = []
        self.acked: list[str] = []
        self.tokens: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.tokens.append(request.headers["Authorization"].removeprefix("Bearer "))
        if request.path == "/v1/sse/ack":
            self.acked.append((await request.json())["cursor"])
            return web.json_response({"cursor": self.acked[-1]})
        if request.path == "/v1/sse/poll":
            self.asked.append(request.query.get("after"))
            return await self.polls[min(len(self.asked), len(self.polls)) - 1](request)
        assert request.query.get("lastEventId") == request.headers.get("Last-Event-ID")
        self.opened.append(request.headers.get("Last-Event-ID"))
        return await self.streams[min(len(self.opened), len(self.streams)) - 1](request)


@asynccontextmanager
async def playing(script: Script) -> AsyncIterator[Script]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.handle)
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    script.url = str(site.name)
    host, port = runner.addresses[0][:2]
    script.url = f"http://{host}:{port}"
    try:
        yield script
    finally:
        await runner.cleanup()


async def told(
    script: Script, count: int, token: TokenSource = "opaque", cursor: str | None = None
) -> tuple[list[Event], list[int]]:
    """Everything until so many notifications came, and their positions."""
    from circles_client import MemoryCursor

    events: list[Event] = []
    positions: list[int] = []
    async with (
        asyncio.timeout(10),
        playing(script),
        Circles(script.url, token=token, cursor=MemoryCursor(cursor), timing=TIMING) as circles,
    ):
        async for each in circles.events():
            events.append(each)
            if isinstance(each, Notification):
                positions.append(int(each.id))
            if len(positions) == count:
                break
    return events, positions


def states(events: list[Event]) -> list[str]:
    return [str(each.state) for each in events if isinstance(each, StateChange)]

"""sse-starlette: a queue for each stream on GET, and each POST's body into all of them."""

import asyncio
import sys
from collections.abc import AsyncIterator

import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

streams: set[asyncio.Queue[ServerSentEvent]] = set()
number = 0


async def events() -> AsyncIterator[ServerSentEvent]:
    queue: asyncio.Queue[ServerSentEvent] = asyncio.Queue()
    streams.add(queue)
    try:
        while True:
            yield await queue.get()
    finally:
        streams.discard(queue)


async def subscribe(_: Request) -> EventSourceResponse:
    return EventSourceResponse(events(), ping=3600)


async def publish(request: Request) -> Response:
    global number
    for data in (await request.body()).decode().split("\n"):
        number += 1
        event = ServerSentEvent(data, event="notification", id=str(number))
        for queue in streams:
            queue.put_nowait(event)
    return Response(status_code=202)


app = Starlette(
    routes=[Route("/sub", subscribe), Route("/pub", publish, methods=["POST"])],
)
uvicorn.run(
    app,
    host="127.0.0.1",
    port=int(sys.argv[1]),
    loop="uvloop",
    http="httptools",
    access_log=False,
    log_level="error",
    backlog=4096,
    timeout_keep_alive=3600,
)

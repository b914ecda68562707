"""Serving an application until it is told to stop."""

import asyncio
import select
import signal
import socket

import uvloop
from aiohttp import web

from shared.collector import survivors_set_aside
from shared.logs import get_logger

log = get_logger(__name__)

# aiohttp's runner would keep idle connections for an hour; the gateway gives up its own far sooner.
KEEPALIVE_SECONDS = 75.0
# The default of 128 refuses a herd of reconnecting streams.
BACKLOG = 4096
# How long a service that was told to stop goes on: each answer ends its connection. Then, for how
# long it takes no new ones: a request may be on its way on one that was just opened. What nobody
# uses the gateway has closed before both are over (`keepalive` in its Caddyfile). A request that
# meets a connection as it is closed would be lost, and only its sender knows whether it may be sent
# again: one in 13,000 were, while two replicas were restarted in turns on a busy machine.
LEAVING_SECONDS = 0.5
REFUSING_SECONDS = 0.5
# Counted twice by aiohttp: once for handlers, once for connections.
SHUTDOWN_SECONDS = 5.0
# A peer that takes nothing for this long is given up by the kernel, and what was to be sent is
# freed: aiohttp would keep it for as long as the connection stays.
SEND_SECONDS = 30.0
# Bytes: more than the gateway lets through (32 KB, and 4 KB that Go adds), so that it alone refuses
# what is too long. A service that refuses reads no further, and a gateway that is still sending
# takes it for broken: 503. An empty header has 4 bytes.
HEADERS_BYTES = 64 * 1024


async def serving(
    app: web.Application, host: str, port: int, stop: asyncio.Event, *, handler_cancellation: bool
) -> None:
    """Serve `app` until `stop` is set and whoever is connected has gone; then let it clean up."""

    async def part(_: web.Request, response: web.StreamResponse) -> None:
        if stop.is_set():
            response.force_close()
            # By now aiohttp has written its own headers, and would close without a word.
            response.headers["Connection"] = "close"

    app.on_response_prepare.append(part)
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
        handler_cancellation=handler_cancellation,
        max_line_size=HEADERS_BYTES,
        max_field_size=HEADERS_BYTES,
        max_headers=HEADERS_BYTES // 4,
    )
    await runner.setup()
    try:
        door = listening(host, port)
        site = web.SockSite(runner, door, backlog=BACKLOG)
        await site.start()
        with survivors_set_aside():
            log.info("serving", host=host, port=port)
            await stop.wait()
        log.info("stopping")
        await asyncio.sleep(LEAVING_SECONDS)
        await _all_accepted(door)
        await site.stop()
        await asyncio.sleep(REFUSING_SECONDS)
    finally:
        await runner.cleanup()


async def _all_accepted(door: socket.socket) -> None:
    """Return when nobody waits to be let in: whom the kernel took, and nobody accepted, is reset as
    the socket closes. uvloop accepts one in each turn of the loop."""
    waiting = select.poll()
    waiting.register(door, select.POLLIN)
    for _ in range(BACKLOG):
        if not waiting.poll(0):
            return
        await asyncio.sleep(0)


def listening(host: str, port: int) -> socket.socket:
    """A socket whose connections end when their peer takes nothing for SEND_SECONDS."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # What is accepted from it inherits this.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SEND_SECONDS * 1000))
    made.setblocking(False)
    return made


async def _serve(app: web.Application, host: str, port: int, handler_cancellation: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serving(app, host, port, stop, handler_cancellation=handler_cancellation)


def serve(
    app: web.Application, host: str, port: int, *, handler_cancellation: bool = False
) -> None:
    """Serve `app` until SIGTERM or SIGINT, then let it clean up.

    With `handler_cancellation` a handler ends with its client: right for waiting handlers, wrong
    for those that write.
    """
    uvloop.run(_serve(app, host, port, handler_cancellation))

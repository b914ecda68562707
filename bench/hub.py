"""The notifier's hub alone, for the benchmark of the live fan-out: `python -m bench.hub PORT`.

Hub, connections, frames and the note of what was delivered are those of `services.notifier`, and so
is the server around them. What is missing is all that makes a notification last: nothing comes from
the broker, nothing is stored, no token is checked, no watermark is flushed, no heartbeat is sent.
Its figures are those of the memory class, and never those of Circles as a whole.
"""

import itertools
import math
import sys
import time
from collections.abc import AsyncIterator
from uuid import uuid4

from aiohttp import web
from prometheus_client import generate_latest

from services.notifier.domain import Cursor, MessagePosition
from services.notifier.storage.entries import Recipient
from services.notifier.streams import frames
from services.notifier.streams.connection import Connection, StreamResponse
from services.notifier.streams.delivered import Delivered
from services.notifier.streams.follower import Follower
from services.notifier.streams.hub import Hub, Push
from shared.loop_lag import watched_loop
from shared.outbox.record import Outbox
from shared.postgres.pool import Database
from shared.supervision import Health
from shared.web.server import serve

EPOCH = 1
GROUP = uuid4()
# The notifier's defaults.
MAX_FRAMES, MAX_SECONDS, HEARTBEAT_SECONDS = 256, 5.0, 30.0


class Bench:
    """Every stream has a mailbox of its own, and every message goes to all of them."""

    def __init__(self) -> None:
        self._hub = Hub()
        # Its database is never opened: what it notes is never flushed.
        self._delivered = Delivered(Outbox(Database("postgresql://nowhere", 2)), Health())
        self._numbers = itertools.count(1)
        self._members: dict[str, None] = {}
        self._seq = 0

    async def stream(self, request: web.Request) -> web.StreamResponse:
        user_id = f"reader-{next(self._numbers)}"
        connection = Connection(
            user_id,
            EPOCH,
            self._delivered.note,
            expires_at=math.inf,
            max_frames=MAX_FRAMES,
            max_seconds=MAX_SECONDS,
        )
        self._hub.register(connection)
        self._members[user_id] = None
        try:
            start = Cursor(EPOCH, self._seq)
            connection.begin_reading()
            response = StreamResponse()
            await response.prepare(request)
            now = int(time.time() * 1000)
            first = frames.connected(user_id, now, start, start, 0, HEARTBEAT_SECONDS)
            await response.write(frames.retry(3000) + first)
            connection.attach(request, response)
            connection.end_reading(start.seq, complete=True)
            await _until_ended(connection)
            return response
        finally:
            connection.end()
            self._hub.unregister(connection)
            self._members.pop(user_id, None)

    async def poll(self, request: web.Request) -> web.Response:
        """As /v1/sse/poll waits for what is pushed; what a poll then reads is in memory here."""
        after = request.query.get("after", "")
        follower = Follower(f"poller-{next(self._numbers)}")
        self._hub.register(follower)
        self._members[follower.user_id] = None
        try:
            while after and int(after) >= self._seq and not follower.ended:
                follower.begin_reading()
                follower.end_reading(self._seq, complete=True)
                await follower.woken.wait()
        finally:
            self._hub.unregister(follower)
            self._members.pop(follower.user_id, None)
        found = frames.notification_json(self._seq, False, False, self._last) if after else b""
        body = b'{"notifications":[%b],"cursor":"%d"}' % (found, self._seq)
        return web.Response(body=body, content_type="application/json")

    async def publish(self, request: web.Request) -> web.Response:
        """A message on each line, which is what all its recipients share; pushed together, as the
        inbox does it with a committed batch."""
        pushes = []
        for line in (await request.read()).split(b"\n"):
            self._seq += 1
            # The part of a notification that follows what differs by recipient.
            self._last = line.removeprefix(b"{")
            recipients = [Recipient(user_id, self._seq, False) for user_id in self._members]
            message = MessagePosition(GROUP, self._seq)
            pushes.append(Push(self._last, message, (), recipients))
        self._hub.push(pushes)
        return web.Response(status=202)


async def _until_ended(connection: Connection) -> None:
    """A stream that fell behind has nowhere to read from: it ends, and the run is void."""
    await connection.woken.wait()


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest())


async def _loop(_: web.Application) -> AsyncIterator[None]:
    async with watched_loop():
        yield


def main() -> None:
    bench = Bench()
    app = web.Application()
    app.cleanup_ctx.append(_loop)
    app.add_routes(
        [
            web.get("/sub", bench.stream),
            web.get("/poll", bench.poll),
            web.post("/pub", bench.publish),
            web.get("/metrics", _metrics),
        ]
    )
    serve(app, "127.0.0.1", int(sys.argv[1]), handler_cancellation=True)


if __name__ == "__main__":
    main()

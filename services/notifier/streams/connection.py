"""An SSE connection: pre-encoded frames, written at once, never waited for."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from typing import Self

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp_sse import EventSourceResponse

from services.notifier.domain import MessagePosition
from services.notifier.streams import frames
from services.notifier.streams.follower import Follower

# The kernel gives a peer up that acknowledges nothing for this long (TCP_USER_TIMEOUT).
SEND_TIMEOUT_SECONDS = 30.0
ROOM_CHECK_SECONDS = 0.02

# Called with what has just been written and is not held back by a slow reader: the user, the
# position, and the messages among it.
Written = Callable[[str, int, Sequence[MessagePosition]], None]


class StreamResponse(EventSourceResponse):
    """aiohttp-sse's response without its ping task: one sweep sends all heartbeats."""

    def __init__(self) -> None:
        super().__init__(sep="\n", send_timeout=SEND_TIMEOUT_SECONDS)
        # `no-transform` keeps proxies from compressing, which would hold frames back.
        self.headers["Cache-Control"] = "no-cache, no-transform"

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send the headers. Does what the base class does, less the ping task."""
        self._set_tcp_user_timeout(request)
        writer = await web.StreamResponse.prepare(self, request)
        if request.version >= (1, 1):
            self.enable_chunked_encoding()
        return writer

    async def __aenter__(self) -> Self:
        return self


class Connection(Follower):
    """A follower that is written to directly.

    A write goes straight to the transport: awaiting a drain would let one slow client hold up the
    loop that serves all. Past `max_frames` or `max_seconds` of unsent frames the connection is cut
    off; its client loses nothing, since it resumes by its cursor.
    """

    __slots__ = (
        "_blocked_since",
        "_chunked",
        "_epoch",
        "_frames",
        "_held",
        "_held_up_to",
        "_max_frames",
        "_max_seconds",
        "_messages",
        "_transport",
        "_unsent",
        "_written",
        "expires_at",
        "heartbeat_at",
        "last_life",
    )

    def __init__(
        self,
        user_id: str,
        epoch: int,
        written: Written | None,
        *,
        expires_at: float,
        max_frames: int,
        max_seconds: float,
    ) -> None:
        """`written` is told what was written, or is None where only the client's word counts.
        `expires_at` is the end of the caller's token, in epoch seconds."""
        super().__init__(user_id)
        self.expires_at = expires_at
        self.heartbeat_at = math.inf
        self._epoch = epoch
        self._written = written
        self._max_frames = max_frames
        self._max_seconds = max_seconds
        self._transport: asyncio.Transport | None = None
        self._chunked = True
        self._frames: list[bytes] = []
        self._messages: list[MessagePosition] = []
        # What the transport keeps for a reader that does not read: if it is cut off, nobody got it.
        self._held_up_to = 0
        self._held: list[MessagePosition] = []
        self._unsent = 0
        self._blocked_since: float | None = None
        self.last_life = time.monotonic()

    def attach(self, request: web.Request, response: StreamResponse) -> None:
        """The headers are out: from now on frames go to this request's transport."""
        self._transport = request.transport
        self._chunked = response.chunked

    def offer(self, seq: int, is_read: bool, body: bytes, message: MessagePosition | None) -> None:
        if not self.live or seq != self.position + 1:
            self.hear_of(seq)
            return
        self.take(seq, is_read, False, body, message)

    def take(
        self,
        seq: int,
        is_read: bool,
        is_delivered: bool,
        body: bytes,
        message: MessagePosition | None,
    ) -> None:
        """Queue the entry for the next flush; what was delivered before is not noted again."""
        self._frames.append(frames.notification(self._epoch, seq, is_read, is_delivered, body))
        if message is not None and not is_delivered:
            self._messages.append(message)
        self.position = seq
        self.top = max(self.top, seq)

    def flush(self) -> None:
        if not self._frames:
            return
        if self.write(b"".join(self._frames), len(self._frames)) and self._written is not None:
            if self.is_blocked:
                self._held_up_to = self.position
                self._held += self._messages
            else:
                self._written(self.user_id, self.position, self._messages)
        self._frames.clear()
        self._messages.clear()

    async def room(self) -> None:
        """Wait until the client has taken what was sent; the sweep ends it if that takes too long.

        Only catching up waits here: a slice follows when the one before has left.
        """
        while self.is_blocked and not self.ended:
            await asyncio.sleep(ROOM_CHECK_SECONDS)
            self.check(time.monotonic())

    def write(self, payload: bytes, count: int = 1) -> bool:
        """Write `count` frames now; False if the connection is gone."""
        transport = self._transport
        if transport is None or transport.is_closing():
            self.end()
            return False
        try:
            transport.write(b"%x\r\n%b\r\n" % (len(payload), payload) if self._chunked else payload)
            unsent = transport.get_write_buffer_size()
        except (OSError, RuntimeError):
            # uvloop raises RuntimeError on a handle that closed in between.
            self.end()
            return False
        if not unsent:
            self._show_life()
            return True
        self._unsent += count
        self._blocked_since = self._blocked_since or time.monotonic()
        if self._unsent > self._max_frames:
            self.abort()
            return False
        return True

    def check(self, now: float) -> None:
        """Cut off a reader that has been slow for too long; called by the sweep."""
        if self._blocked_since is None or self._transport is None:
            return
        if not self._transport.get_write_buffer_size():
            self._show_life()
        elif now - self._blocked_since > self._max_seconds:
            self.abort()

    @property
    def is_blocked(self) -> bool:
        return self._blocked_since is not None

    def abort(self) -> None:
        """Close without waiting for what is still to be sent."""
        if self._transport is not None:
            self._transport.abort()
        self.end()

    def end(self, farewell: bytes = b"") -> None:
        if farewell and not self.ended:
            self.flush()
            self.ended = True
            self.write(farewell)
        super().end()

    def _show_life(self) -> None:
        self._unsent = 0
        self._blocked_since = None
        self.last_life = time.monotonic()
        if self._held_up_to and self._written is not None:
            self._written(self.user_id, self._held_up_to, self._held)
            self._held_up_to, self._held = 0, []

"""Sending at fixed times, whatever the answers take: an open loop.

A client of our own, of the fewest steps: a general one costs as much CPU for a call as the service
under test, on the same two cores.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.progress import Progress
from yarl import URL

ANSWERED_WITHIN_SECONDS = 30.0
CONNECTIONS = 256
CREATED = b" 201 "


@dataclass(frozen=True)
class Sender:
    """Somebody who posts to one group."""

    token: str
    group_id: str


@dataclass
class Sent:
    """Latencies of the answers are in seconds, from the moment the call was due."""

    accepted: int
    refused: int
    latencies: list[float]


class _Connection(asyncio.Protocol):
    """One call at a time, over a connection that stays open."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if separator and len(body) >= int(length or 0) and self._is_waiting():
            self._answer.set_result(head.partition(b"\r\n")[0])

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_waiting():
            self._answer.set_exception(ConnectionError("the connection was lost"))

    def _is_waiting(self) -> bool:
        return not self._answer.done()

    async def call(self, request: bytes) -> bytes:
        """The answer's status line. Raises ConnectionError, TimeoutError."""
        assert self._transport is not None
        self._received = b""
        self._answer = asyncio.get_running_loop().create_future()
        answer = self._answer
        self._transport.write(request)
        async with asyncio.timeout(ANSWERED_WITHIN_SECONDS):
            return await answer


def _request(url: URL, sender: Sender, due: int) -> bytes:
    body = json.dumps({"content": str(due)})
    lines = (
        f"POST /v1/groups/{sender.group_id}/messages HTTP/1.1",
        f"Host: {url.host}",
        f"Authorization: Bearer {sender.token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", body)).encode()


async def send_at_rate(
    base: str, senders: Sequence[Sender], per_second: float, seconds: float, title: str
) -> Sent:
    """Post `per_second` messages for `seconds`, in turn from each of `senders`."""
    url, loop = URL(base), asyncio.get_running_loop()
    host, port = url.host or "127.0.0.1", url.port or 80
    sent = Sent(0, 0, [])
    idle: list[_Connection] = []
    # More than a gateway would hold open to us helps nobody: the rest waits its turn here.
    turns = asyncio.Semaphore(CONNECTIONS)

    async def post(sender: Sender, due: int) -> None:
        try:
            async with turns:
                if idle:
                    connection = idle.pop()
                else:
                    _, connection = await loop.create_connection(_Connection, host, port)
                accepted = CREATED in await connection.call(_request(url, sender, due))
                idle.append(connection)
        except (OSError, TimeoutError):
            accepted = False
        sent.accepted += accepted
        sent.refused += not accepted
        sent.latencies.append((time.monotonic_ns() - due) / 1e9)

    total = round(per_second * seconds)
    with Progress(transient=True) as progress:
        bar = progress.add_task(title, total=total)
        begin = time.monotonic_ns() + 100_000_000
        async with asyncio.TaskGroup() as posts:
            for number in range(total):
                due = begin + round(number / per_second * 1e9)
                if (wait := (due - time.monotonic_ns()) / 1e9) > 0:
                    await asyncio.sleep(wait)
                posts.create_task(post(senders[number % len(senders)], due))
                progress.advance(bar)
    return sent

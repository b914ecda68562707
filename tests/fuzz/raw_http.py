"""HTTP on raw sockets: requests as bytes, and answers read strictly, one after the other."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from yarl import URL

# For more to come on a connection that stays open: a slow machine is slow to answer.
QUIET_SECONDS = 2.0
ANSWER_SECONDS = 10.0


class NotHttp(AssertionError):
    """What came is not a sequence of whole answers."""


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def answers(stream: bytes) -> list[RawAnswer]:
    """Every answer of a connection; interim ones are left out. Raises NotHttp."""
    found = []
    while stream:
        head, end, rest = stream.partition(b"\r\n\r\n")
        if not end or not head.startswith(b"HTTP/1."):
            raise NotHttp(stream[:200])
        status_line, *lines = head.decode("latin-1").split("\r\n")
        status = int(status_line.split(" ", 2)[1])
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body, stream = _body(status, headers, rest)
        if status >= 200:
            found.append(RawAnswer(status, headers, body))
    return found


def _body(status: int, headers: Mapping[str, str], rest: bytes) -> tuple[bytes, bytes]:
    if status < 200 or status in (204, 304):
        return b"", rest
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while True:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size.partition(b";")[0], 16)
            body, rest = body + rest[:length], rest[length + 2 :]
            if not length:
                return body, rest
    if "content-length" not in headers:
        return rest, b""
    length = int(headers["content-length"])
    if len(rest) < length:
        raise NotHttp(f"{len(rest)} of {length} bytes came")
    return rest[:length], rest[length:]


async def exchanged(url: str, payload: bytes, enough: bytes = b"") -> bytes:
    """Everything that comes back for `payload`: up to the connection's end, until `enough` is
    among it, or until it has been quiet for a while."""
    address = URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    received = b""
    try:
        writer.write(payload)
        # Who has refused the beginning may not want to read the rest.
        with suppress(ConnectionError):
            await writer.drain()
        patience = ANSWER_SECONDS
        with suppress(TimeoutError, ConnectionError):
            while not (enough and enough in received):
                async with asyncio.timeout(patience):
                    piece = await reader.read(65536)
                if not piece:
                    break
                received += piece
                patience = QUIET_SECONDS
    finally:
        writer.transport.abort()
    return received

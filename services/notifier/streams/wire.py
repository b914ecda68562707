"""The way to a client: written to at once, and nothing is ever waited for."""

import os
from asyncio import Transport


class WireGone(Exception):
    """The client is no longer there."""


class Wire:
    """A connection's transport. What the kernel takes at once goes straight to the socket: the
    event loop's own write costs a fifth more for each frame (docs/decisions/0015).

    Only while the transport has nothing queued, or frames would overtake each other; and never
    under TLS, where the socket carries records.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        socket = transport.get_extra_info("socket")
        plain = socket is not None and transport.get_extra_info("sslcontext") is None
        self._descriptor: int = socket.fileno() if plain else -1

    def write(self, payload: bytes) -> int:
        """Send it; how many bytes are queued behind it or with it. Raises WireGone."""
        transport = self._transport
        # The number of a closed socket may be another client's by now.
        if transport.is_closing():
            raise WireGone
        try:
            if self._descriptor >= 0 and not transport.get_write_buffer_size():
                sent = os.write(self._descriptor, payload)
                if sent == len(payload):
                    return 0
                payload = payload[sent:]
        except BlockingIOError:
            pass  # The kernel takes nothing now: the transport waits until it does.
        except OSError as error:
            raise WireGone from error
        try:
            transport.write(payload)
            return transport.get_write_buffer_size()
        except (OSError, RuntimeError) as error:
            # uvloop raises RuntimeError on a handle that closed in between.
            raise WireGone from error

    @property
    def queued(self) -> int:
        """Bytes that the client has not taken yet."""
        return 0 if self._transport.is_closing() else self._transport.get_write_buffer_size()

    def abort(self) -> None:
        """Close without sending what is queued."""
        self._transport.abort()

"""What the kernel holds of connections, seen from outside: how full they are, and whether the other
end still has them. Of this machine's own connections, by IPv4."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

LOOK_SECONDS = 0.1
_TABLE = Path("/proc/net/tcp")
_ESTABLISHED = "01"


@dataclass
class Outgoing:
    """The server's end of a connection. Times are monotonic seconds; `cut_off` is None while the
    server holds the connection."""

    held: int = 0
    grew: float = field(default_factory=time.monotonic)
    cut_off: float | None = None

    @property
    def seconds_to_cut_off(self) -> float | None:
        """From when the kernel took no more until the server closed."""
        return None if self.cut_off is None else self.cut_off - self.grew


@asynccontextmanager
async def watched(ports: Iterable[tuple[int, int]]) -> AsyncIterator[list[Outgoing]]:
    """Looks at connections, from (the server's port, the client's port), for the block's length."""
    found = {pair: Outgoing() for pair in ports}

    async def watch() -> None:
        while True:
            _look(found)
            await asyncio.sleep(LOOK_SECONDS)

    watching = asyncio.create_task(watch())
    try:
        yield list(found.values())
    finally:
        watching.cancel()


def _look(found: dict[tuple[int, int], Outgoing]) -> None:
    now, open_ = time.monotonic(), _established()
    for pair, outgoing in found.items():
        if outgoing.cut_off is not None:
            continue
        held = open_.get(pair)
        if held is None:
            outgoing.cut_off = now
        elif held > outgoing.held:
            outgoing.held, outgoing.grew = held, now


def _established() -> dict[tuple[int, int], int]:
    """Bytes that the other end has not taken, by local and remote port."""
    sizes: dict[tuple[int, int], int] = {}
    for line in _TABLE.read_text().splitlines()[1:]:
        _, local, remote, state, queues, *_ = line.split()
        if state == _ESTABLISHED:
            ports = int(local.partition(":")[2], 16), int(remote.partition(":")[2], 16)
            sizes[ports] = int(queues.partition(":")[0], 16)
    return sizes

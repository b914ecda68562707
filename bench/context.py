"""What all workloads share: where programs are, how long to measure, and servers of peers."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.building import HOME
from bench.generator import MARK, Sender, Stream
from bench.machine import cpu_seconds, pinned
from bench.peers.installing import NODE
from bench.peers.memory import Peer
from launcher.errors import LaunchError
from launcher.ports import free_port
from launcher.processes import Process
from launcher.progress import Progress
from launcher.waiting import until

START_SECONDS = 30.0
BURST = 16
# A notification as Circles writes it, of a message with 80 characters.
_FILLER = "All of this is said only to have a length. We meet "
BODY = (
    '{"type":"message.new","title":"Alice in Team","message":"All of this is said only to",'
    f'"data":{{"groupId":"0199c0de-0000-7000-8000-000000000000","content":"{_FILLER}{MARK}"}},'
    '"createdAt":"2026-01-01T12:00:00.000Z","eventId":"0199c0de-0000-7000-8000-000000000001"}'
)


@dataclass
class Context:
    """`programs` is the folder of the compiled ones; `skipped` grows a line for each peer that
    could not be had; `found` holds what one workload measured and another compares with."""

    programs: Path
    progress: Progress
    quick: bool
    skipped: list[str] = field(default_factory=list)
    found: dict[str, float] = field(default_factory=dict)

    def pick(self, whole: float, quick: float) -> float:
        """Seconds or a rate, as long as the run is to be."""
        return quick if self.quick else whole

    def count(self, whole: int, quick: int) -> int:
        return quick if self.quick else whole

    def say(self, text: str) -> None:
        self.progress.console.print(f"    [dim]{text}[/]")

    def skip(self, name: str, reason: str) -> None:
        line = f"{name} is skipped: {reason}"
        if line not in self.skipped:
            self.skipped.append(line)
            self.progress.warn(line)


@dataclass(frozen=True)
class Served:
    """A peer that runs, on a port of its own."""

    peer: Peer
    port: int
    process: Process

    def readers(self, count: int) -> list[Stream]:
        request = "GET /sub HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"
        return [Stream(self.port, [(request, "\r\n\r\n")])] * count

    def publisher(self, messages: int = 1) -> Sender:
        """Who posts that many messages in a call, one on each line."""
        body = "\n".join([BODY] * messages)
        head = f"POST /pub HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n"
        return Sender(f"{head}Content-Type: application/json\r\n\r\n{body}")

    def publishers(self) -> list[Sender]:
        """Who posts a message, and who posts a burst of them where the server can take it so."""
        if not self.peer.takes_bursts:
            return [self.publisher()]
        return [self.publisher(), self.publisher(BURST)]

    def cpu(self) -> float:
        return cpu_seconds([self.process.pid])


@asynccontextmanager
async def serving(context: Context, peers: Sequence[Peer]) -> AsyncIterator[list[Served]]:
    """Those of `peers` that can be had, running on the first core; the rest is skipped."""
    async with AsyncExitStack() as cleanup:
        served = []
        for peer in peers:
            try:
                await peer.prepare(context.progress)
                served.append(await cleanup.enter_async_context(_serving_one(peer)))
            except LaunchError as error:
                context.skip(peer.name, str(error))
        yield served


@asynccontextmanager
async def _serving_one(peer: Peer) -> AsyncIterator[Served]:
    port, name = free_port(), peer.name.replace(" ", "-")
    folder = HOME / "peers" / name
    folder.mkdir(parents=True, exist_ok=True)
    command = [*pinned(0), *peer.command(port, folder)]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "BENCH_NODE": str(NODE)}
    process = Process(name, command, HOME, environment, grace_seconds=2.0)
    try:
        await process.start()
        await listening(process, port)
        yield Served(peer, port, process)
    finally:
        await process.stop()


async def listening(process: Process, port: int, seconds: float = START_SECONDS) -> None:
    """Return once something listens on `port`. Raises LaunchError when `process` ends instead."""

    async def ended_or_listens() -> bool:
        if not process.alive:
            return True
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        async with asyncio.timeout(seconds):
            await until(ended_or_listens)
    except TimeoutError:
        raise LaunchError(f"{process.name} did not listen within {seconds:.0f} s") from None
    if not process.alive:
        raise LaunchError(f"{process.name} ended at once: {process.last_words()}")

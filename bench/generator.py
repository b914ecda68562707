"""The load generator (`bench/load`) as seen from Python: a process that takes commands."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.building import HOME
from bench.figures import Histogram
from bench.gate import Run
from bench.machine import pinned
from launcher.errors import LaunchError

# Any mark will do as a placeholder: the generator writes number and time over it.
MARK = "~00000000.00000000000000000000~"
ANSWER_SECONDS = 300.0
Told = Callable[[int], None]


@dataclass(frozen=True)
class Opened:
    """How the opening of streams went; `times` are those of single handshakes."""

    opened: int
    failed: int
    seconds: float
    times: Histogram


@dataclass(frozen=True)
class Stream:
    """Somebody who reads: `steps` are what to say and what to wait for, in turn."""

    port: int
    steps: Sequence[tuple[str, str]]
    group: int = 0
    flags: str = "-"

    def line(self) -> str:
        talk = [_escaped(text) for step in self.steps for text in step]
        return "\t".join(("stream", str(self.port), str(self.group), self.flags, *talk))


@dataclass(frozen=True)
class Sender:
    """Somebody who posts `request`, which has MARK in it. `own` is the stream that is not told of
    it, `via` the stream that it goes out by; -1 for none, and for the pool."""

    request: str
    group: int = 0
    own: int = -1
    via: int = -1

    def line(self) -> str:
        numbers = (str(self.group), str(self.own), str(self.via))
        return "\t".join(("sender", *numbers, _escaped(self.request)))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")


class Generator:
    """One process. Its methods wait until it has done what they ask."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        self._process = process
        self._name = name
        self.told: Told = lambda _: None

    async def ask(self, command: str) -> dict[str, Any]:
        """Raises LaunchError when the process ends instead of answering."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{command}\n".encode())
        while True:
            async with asyncio.timeout(ANSWER_SECONDS):
                line = await self._process.stdout.readline()
            if not line:
                raise LaunchError(
                    f"The load generator for {self._name} ended. See the lines above."
                )
            said: dict[str, Any] = json.loads(line)
            if "progress" not in said:
                return said
            self.told(said["progress"])

    async def define(self, streams: Sequence[Stream], senders: Sequence[Sender]) -> None:
        """Who reads and who posts; may be called again for more of them."""
        path = HOME / f"{self._name}-{self._process.pid}.load"
        path.touch(mode=0o600)
        lines = [one.line() for one in streams] + [one.line() for one in senders]
        path.write_text("".join(f"{line}\n" for line in lines))
        try:
            await self.ask(f"file {path}")
        finally:
            # It holds tokens.
            path.unlink()

    async def pool(self, port: int, count: int = 1, depth: int = 16) -> None:
        await self.ask(f"pool {port} {count} {depth}")

    async def open(self, first: int, count: int, at_once: int = 128) -> Opened:
        said = await self.ask(f"open {first} {count} {at_once}")
        times = Histogram.of(said["open"])
        return Opened(said["opened"], said["failed"], said["seconds"], times)

    async def closed(self, window: int, seconds: float) -> Run:
        """Post `window` messages, wait for all frames of them, and again, for `seconds`."""
        return Run.of(await self.ask(f"closed {window} {seconds}"))

    async def paced(self, rate: float, seconds: float, settle: float) -> Run:
        """Post `rate` messages a second; wait up to `settle` seconds for the last frames."""
        return Run.of(await self.ask(f"paced {rate} {seconds} {settle}"))

    async def wait_for(self, frames: int, seconds: float) -> Run:
        """Read until `frames` frames came since streams were opened, for at most `seconds`."""
        return Run.of(await self.ask(f"await {frames} {seconds}"))

    async def close(self) -> None:
        await self.ask("close")


@asynccontextmanager
async def generating(programs: Path, name: str, core: int | None = 1) -> AsyncIterator[Generator]:
    """A generator on a core of its own, or on all of them; ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *(*(pinned(core) if core is not None else ()), str(programs / "load")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # A line may carry two histograms.
        limit=2**22,
    )
    try:
        yield Generator(process, name.replace(" ", "-"))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()

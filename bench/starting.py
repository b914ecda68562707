"""Starting Circles for the benchmark: as `make run` does it, in a folder of the benchmark's own."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench.building import HOME
from bench.stack import STATE, Stack
from launcher import credentials
from launcher.errors import LaunchError
from launcher.paths import PROGRAMS, ROOT, shown
from launcher.ports import free_port
from launcher.processes import Process
from launcher.progress import Progress
from launcher.waiting import until

START_SECONDS = 120.0
_UNLIMITED = {
    "RATE_CALLS_PER_SECOND": "1000000",
    "RATE_CALLS_BURST": "1000000",
    "RATE_MESSAGES_PER_SECOND": "1000000",
    "RATE_MESSAGES_BURST": "1000000",
}


@asynccontextmanager
async def running_stack(
    progress: Progress, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Stack]:
    """The system, ready and without data; stopped as Ctrl-C does. Raises LaunchError."""
    shutil.rmtree(STATE, ignore_errors=True)
    port = free_port()
    environment = {
        **os.environ,
        **_UNLIMITED,
        **(settings or {}),
        "CIRCLES_STATE": str(STATE),
        "CIRCLES_PORT": str(port),
        "CIRCLES_BIND": "127.0.0.1",
    }
    command = [str(PROGRAMS / "python"), "-m", "launcher", "run"]
    process = Process(
        "circles", command, HOME, environment, signal.SIGINT, grace_seconds=60.0, source=ROOT
    )
    began = time.time()
    with progress.step("Circles is ready"):
        await process.start()
    try:
        await _ready(process, STATE / "running.json", began)
        yield Stack(port, credentials.load(STATE))
    finally:
        with progress.step("Circles stopped"):
            await process.stop()


def _is_newer(path: Path, since: float) -> bool:
    return path.exists() and path.stat().st_mtime >= since


async def _ready(process: Process, note: Path, began: float) -> None:
    async def ended_or_up() -> bool:
        return not process.alive or _is_newer(note, began)

    try:
        async with asyncio.timeout(START_SECONDS):
            await until(ended_or_up)
    except TimeoutError:
        raise LaunchError(f"Circles did not start. Its log: {shown(process.log)}") from None
    if not process.alive:
        raise LaunchError(f"Circles did not start: {process.last_words()}")

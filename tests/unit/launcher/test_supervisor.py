"""What ends by itself is started again; what a command has stopped waits for it, without alarm."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from rich.console import Console

from launcher.processes import Process, end_leftovers
from launcher.progress import Progress
from launcher.standby import standing_by
from launcher.supervisor import supervised
from tests.fixtures.waiting import eventually
from tests.unit.launcher.test_processes import WAITS_FOR_A_SIGNAL


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[tuple[Process, Callable[[], str]]]:
    """A process that is supervised, and what was said of it."""
    process = Process("notifier-1", WAITS_FOR_A_SIGNAL, tmp_path, os.environ)
    progress = Progress()
    progress.console = Console(record=True, quiet=False, width=1000)
    await process.start()
    async with supervised([process], progress):
        yield process, lambda: progress.console.export_text(clear=False)
    await process.stop()


Kept = tuple[Process, Callable[[], str]]


async def test_what_ends_by_itself_is_told_of_and_comes_back(kept: Kept, tmp_path: Path) -> None:
    process, said = kept
    assert await end_leftovers(tmp_path) == ["notifier-1"]
    await eventually(lambda: "starting it again" in said() and process.alive)
    assert "stands by" not in said()


async def test_what_a_command_stops_is_no_failure_and_comes_back_after_it(
    kept: Kept, tmp_path: Path
) -> None:
    process, said = kept
    with standing_by(tmp_path, "notifier"):
        assert await end_leftovers(tmp_path) == ["notifier-1"]
        await eventually(lambda: "notifier-1 stands by" in said())
        assert not process.alive
    await eventually(lambda: process.alive)
    assert "ended" not in said()

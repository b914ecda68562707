"""Processes: what we started ends, and nothing else does."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from launcher.errors import LaunchError
from launcher.processes import Process, end_leftovers, identity

WAITS_FOR_A_SIGNAL = [sys.executable, "-c", "import signal; signal.pause()"]


@pytest.fixture
async def waiter(tmp_path: Path) -> AsyncIterator[Process]:
    process = Process("waiter", WAITS_FOR_A_SIGNAL, tmp_path, os.environ)
    await process.start()
    yield process
    await process.stop()


async def test_a_stopped_process_is_gone_and_forgotten(waiter: Process) -> None:
    await waiter.stop()

    assert not waiter.alive
    assert not waiter.pid_file.exists()


async def test_a_process_deaf_to_its_signal_is_ended_after_its_grace(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    command = [sys.executable, "-c", f"{deaf}; signal.pause()"]
    process = Process("deaf", command, tmp_path, os.environ, grace_seconds=0.2)
    await process.start()
    async with asyncio.timeout(10):
        while not process.last_words():  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    await process.stop()

    assert process.exit_code == -signal.SIGKILL


async def test_what_a_killed_launcher_left_behind_is_ended_at_the_next_start(
    waiter: Process, tmp_path: Path
) -> None:
    assert await end_leftovers(tmp_path) == ["waiter"]
    assert await waiter.wait() == -signal.SIGTERM
    assert not waiter.pid_file.exists()


async def test_a_stranger_that_got_the_number_of_our_process_is_left_alone(
    waiter: Process, tmp_path: Path
) -> None:
    pid = json.loads(waiter.pid_file.read_text())["pid"]
    waiter.pid_file.write_text(json.dumps({"pid": pid, "identity": identity(pid) + "0"}))

    assert await end_leftovers(tmp_path) == []
    assert waiter.alive


@pytest.mark.parametrize("content", ["", "{}", "null", '{"pid": "x", "identity": ""}'])
async def test_a_broken_pid_file_ends_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "postgres.json").write_text(content)

    assert await end_leftovers(tmp_path) == []


async def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="/nonexistent"):
        await Process("missing", ["/nonexistent"], tmp_path).start()

"""Servers for tests: private ones with data that nobody will miss, on ports of their own."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from launcher import chromium, credentials, prometheus
from launcher.lock import Taken, held
from launcher.paths import PROGRAMS, ROOT, STATE, shown
from launcher.postgres import THROWAWAY
from launcher.processes import end_leftovers
from launcher.progress import Progress
from launcher.servers import choose_postgres, choose_rabbitmq, start_server, stopped_after
from launcher.waiting import together

VARIABLES = ("TEST_DATABASE_URL", "TEST_AMQP_URL", "TEST_MANAGEMENT_URL")
# Side by side, each with data of its own, so that two people's tests never meet.
_SLOTS = 16


@asynccontextmanager
async def test_servers(progress: Progress) -> AsyncIterator[Mapping[str, str]]:
    """Fresh servers; yields the variables that tests find them by, all of them administrators'."""
    with ExitStack() as lock:
        folder = _free_slot(lock)
        await end_leftovers(folder)
        for data in ("postgres", "rabbitmq", "logs"):
            shutil.rmtree(folder / data, ignore_errors=True)
        secrets = credentials.load(folder)
        database = await choose_postgres(folder, secrets, progress, THROWAWAY)
        broker = await choose_rabbitmq(folder, secrets, progress)
        async with stopped_after((database, broker), progress):
            await together(start_server(database, progress), start_server(broker, progress))
            urls = (database.url, broker.url, broker.management_url)
            yield dict(zip(VARIABLES, urls, strict=True))


def _free_slot(lock: ExitStack) -> Path:
    for number in range(1, _SLOTS + 1):
        try:
            lock.enter_context(held(STATE / "test" / str(number), "A test run"))
        except Taken:
            continue
        return STATE / "test" / str(number)
    raise Taken(f"{_SLOTS} test runs are going on in this folder. Wait for one of them to end.")


async def run_tests(arguments: list[str], progress: Progress) -> int:
    """Run pytest against servers of its own, or against those that the variables name."""
    if chromium.is_needed(arguments):
        await chromium.provide(progress)
    if prometheus.is_needed(arguments):
        await prometheus.provide(progress)
    if all(os.environ.get(variable) for variable in VARIABLES):
        progress.note("Using the servers named by TEST_DATABASE_URL and TEST_AMQP_URL")
        return await _pytest(arguments, {})
    async with test_servers(progress) as variables:
        return await _pytest(arguments, variables)


async def _pytest(arguments: list[str], variables: Mapping[str, str]) -> int:
    # Most tests wait for a server, a heartbeat or a browser most of the time: one process more than
    # there are cores uses the time in which the others wait.
    parallel = ("-n", str((os.cpu_count() or 2) + 1), "--dist", "loadscope")
    process = await asyncio.create_subprocess_exec(
        *(str(PROGRAMS / "python"), "-m", "pytest", *parallel, *arguments),
        cwd=ROOT,
        env={**os.environ, **variables},
    )
    try:
        return await process.wait()
    except asyncio.CancelledError:
        # Ctrl-C reaches it by itself; a SIGTERM to us alone would not.
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()
        raise


async def serve_infra(progress: Progress) -> None:
    """Keep test servers up for a developer's inner loop, until cancelled."""
    file = STATE / "test" / "env"
    async with test_servers(progress) as variables:
        exports = "".join(f"export {name}={value}\n" for name, value in variables.items())
        file.touch(mode=0o600)
        file.write_text(exports)
        progress.say(f"{exports}# Also in {shown(file)}: `. {shown(file)}`. Ctrl-C stops them.")
        try:
            await asyncio.Event().wait()
        finally:
            if file.exists() and file.read_text() == exports:
                file.unlink()

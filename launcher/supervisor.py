"""Keeps what was started alive: whatever ends by itself is started again, with growing pauses."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from launcher.errors import LaunchError
from launcher.paths import shown
from launcher.processes import Process
from launcher.progress import Progress
from launcher.standby import may_start
from launcher.waiting import until

_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
# One that has run this long starts anew with the shortest pause.
_SETTLED_SECONDS = 30.0


@asynccontextmanager
async def supervised(processes: Sequence[Process], progress: Progress) -> AsyncIterator[None]:
    """Keep these running for the length of the block; stopping them is left to who started them."""
    keepers = [asyncio.create_task(_keep(process, progress)) for process in processes]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep(process: Process, progress: Progress) -> None:
    loop = asyncio.get_running_loop()
    started, failures = loop.time() - _SETTLED_SECONDS, 0
    while True:
        code = await process.wait()
        if await may_start(process.folder, process.name):
            failures = 0 if loop.time() - started >= _SETTLED_SECONDS else failures + 1
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            progress.warn(
                f"{process.name} ended ({_how(code)}{_why(process, code)}), "
                f"starting it again in {pause:g} s. Log: {shown(process.log)}"
            )
            await asyncio.sleep(pause)
        if not await may_start(process.folder, process.name):
            progress.note(f"{process.name} stands by: another command works on its data")
            await until(lambda: may_start(process.folder, process.name), pause=0.2)
        started = loop.time()
        try:
            await process.start()
        except LaunchError as error:
            progress.warn(str(error))


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def _why(process: Process, code: int) -> str:
    """Who is killed says nothing about it; who gives up has said why."""
    words = process.last_words() if code > 0 else ""
    return f", {words}" if words else ""

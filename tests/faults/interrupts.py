"""What a run of faults does when somebody interrupts it: it ends what it started."""

import asyncio
import signal
from collections.abc import Callable, Coroutine

from launcher.errors import LaunchError
from launcher.progress import Progress, fail


async def interruptible(run: Callable[[Progress], Coroutine[None, None, int]]) -> int:
    """The exit code of `run`, or of what kept it from ending."""
    task = asyncio.create_task(run(Progress()))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except LaunchError as error:
        return fail(error)
    except asyncio.CancelledError:
        return 130

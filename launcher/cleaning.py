"""Removing what runs leave behind."""

import shutil
from contextlib import ExitStack

from launcher.lock import held
from launcher.paths import STATE
from launcher.processes import end_leftovers


async def remove_state() -> None:
    """Remove `.circles`. Raises LaunchError while a stack or a test run uses it."""
    with ExitStack() as locks:
        folders = [STATE, *(one for one in (STATE / "test").glob("*") if one.is_dir())]
        for folder in folders:
            locks.enter_context(held(folder, "Circles or a test run"))
            await end_leftovers(folder)
        shutil.rmtree(STATE)

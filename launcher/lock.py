"""One launcher at a time per folder: two would share data and stop each other's processes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.errors import LaunchError
from launcher.paths import shown


class Taken(LaunchError):
    """Another launcher works in this folder."""


@contextmanager
def held(folder: Path, what: str) -> Iterator[None]:
    """Hold `folder` for the length of the block; the system lets go of it however we end."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "launcher.lock").open("a+")
    except OSError as error:
        raise LaunchError(
            f"{shown(folder)} can't be written: {error.strerror}. Run as the user who owns it, "
            "or remove it."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid = lock.read().strip() or "unknown"
            raise Taken(
                f"{what} is already running from this folder (process {pid}). "
                "Use that one, or stop it with Ctrl-C in its terminal first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield

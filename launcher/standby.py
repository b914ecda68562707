"""Keeping the supervisor from starting a service again while another command works on its data.

The command holds a lock file of the service's name. The system lets go of it however that command
ends, so that a service never stays down for a command that crashed.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.errors import LaunchError


def _lock_file(folder: Path, service: str) -> Path:
    return folder / "standby" / f"{service}.lock"


@contextmanager
def standing_by(folder: Path, service: str) -> Iterator[None]:
    """No replica of `service` is started for the length of the block. Those that run go on, until
    they are stopped. Raises LaunchError when another command has the service stand by."""
    path = _lock_file(folder, service)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchError(
                f"Another command works on the data of {service}. Wait until it has ended."
            ) from None
        yield


async def may_start(folder: Path, name: str) -> bool:
    """Whether the replica `name`, such as `notifier-1`, may be started now."""
    path = _lock_file(folder, name.rpartition("-")[0])
    if not path.exists():
        return True
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True

"""Disks of limited size, which can be filled: a tmpfs each. Mounting takes root."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import LaunchError

_CHUNK = bytes(65_536)


@dataclass(frozen=True)
class Disk:
    """`folder` is where it is mounted. A ballast file takes the room from what else lies there."""

    folder: Path

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    @property
    def left(self) -> int:
        """Bytes that are free."""
        return shutil.disk_usage(self.folder).free

    def fill(self, leaving: int = 0) -> None:
        """Take all that is free but so many bytes. Repeat it: what others delete becomes free."""
        with self._ballast.open("ab", buffering=0) as ballast, suppress(OSError):
            while (room := self.left - leaving) > 0:
                ballast.write(_CHUNK[:room])

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Mounted while the block lasts. Raises LaunchError."""
    clear(folder)
    folder.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "circles", str(folder))
    try:
        yield Disk(folder)
    finally:
        clear(folder)


def clear(folder: Path) -> None:
    """Undo the mount, also that of a run that was killed, and remove the folder."""
    if os.path.ismount(folder):
        # Lazily: a process that still dies must not leave the mount behind.
        _run("umount", "--lazy", str(folder))
    shutil.rmtree(folder, ignore_errors=True)


def why_not() -> str:
    """Why no disk can be mounted here; empty if it can."""
    try:
        with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder) / "disk", 1):
            return ""
    except LaunchError as error:
        return str(error)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except OSError as error:
        raise LaunchError(f"{command[0]} can't be started: {error.strerror}.") from error
    if done.returncode != 0:
        raise LaunchError(f"{command[0]} failed: {done.stderr.strip()[-200:]}")

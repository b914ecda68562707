"""PostgreSQL refuses to run as root: how root starts it anyway, without adding users."""

import asyncio
import hashlib
import os
import pwd
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import LaunchError


@dataclass(frozen=True)
class Drop:
    """The prefix that drops root, and where data must lie if not where they were meant to."""

    command: Sequence[str]
    owner: pwd.struct_passwd | None = None
    folder: Path | None = None

    def give(self, path: Path) -> None:
        """Hand a new folder to the user who will write in it."""
        if self.owner is not None:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)


async def drop_root(data: Path) -> Drop:
    """How to start PostgreSQL with its data in `data`; nothing to drop for ordinary users."""
    if os.geteuid() != 0:
        return Drop(())
    # In a user namespace root has another number, and still reaches its own files.
    mapped = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if shutil.which("unshare") and await _works(*mapped, "true"):
        return Drop(mapped)
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        command = _as_user(user)
        if command is None or not await _works(*command, "true"):
            continue
        if await _works(*command, "test", "-x", str(data.parent)):
            return Drop(command, user)
        # It can't pass through our folders: a place of its own, known by the checkout's path.
        own = Path("/var/lib/circles") / hashlib.sha256(str(data).encode()).hexdigest()[:12]
        own.mkdir(parents=True, exist_ok=True)
        os.chown(own, user.pw_uid, user.pw_gid)
        return Drop(command, user, own / "postgres")
    raise LaunchError(
        "PostgreSQL does not run as root, and neither user namespaces nor setpriv work here. "
        "Start as an ordinary user."
    )


def _as_user(user: pwd.struct_passwd) -> Sequence[str] | None:
    if shutil.which("setpriv"):
        ids = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
        return ("setpriv", *ids, "--")
    if shutil.which("runuser"):
        return ("runuser", "-u", user.pw_name, "--")
    return None


async def _works(*command: str) -> bool:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait() == 0

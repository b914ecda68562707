"""Installing peers: system packages by apt, the others into folders of the benchmark's own."""

import asyncio
import os
import pwd
import resource
import shutil
import sys
from collections.abc import Sequence

from bench.building import HOME
from launcher import install
from launcher.errors import LaunchError
from launcher.progress import Progress

VENV = HOME / "python"
PYTHON = VENV / "bin" / "python"
NODE = HOME / "node"


def user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def open_files() -> int:
    """How many files a process may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


async def with_apt(packages: Sequence[str], progress: Progress) -> None:
    """Their system services are neither started nor enabled. Raises LaunchError."""
    if not await install.may_install():
        raise LaunchError(f"{' '.join(packages)} is missing. As root: apt-get install it.")
    await install.install(packages, progress, services=packages)


async def with_pip(packages: Sequence[str], progress: Progress) -> None:
    """Into a virtual environment of the peers' own. Raises LaunchError."""
    stamp = VENV / f"{'+'.join(sorted(packages))}.done"
    if stamp.exists():
        return
    with progress.step(f"Installed {' '.join(packages)}"):
        if not PYTHON.exists():
            await run("the peers' virtual environment", sys.executable, "-m", "venv", str(VENV))
        await run(" ".join(packages), str(PYTHON), "-m", "pip", "install", "-q", *packages)
    stamp.touch()


async def with_npm(packages: Sequence[str], progress: Progress) -> None:
    """Into a folder of the peers' own. Raises LaunchError."""
    npm = shutil.which("npm")
    if npm is None:
        raise LaunchError("npm is missing. Install npm.")
    if all((NODE / "node_modules" / package).exists() for package in packages):
        return
    NODE.mkdir(parents=True, exist_ok=True)
    with progress.step(f"Installed {' '.join(packages)}"):
        quiet = ("--no-audit", "--no-fund", "--silent")
        await run(" ".join(packages), npm, "install", "--prefix", str(NODE), *quiet, *packages)


async def run(what: str, *command: str) -> None:
    """Raises LaunchError with the last line it said: `what` could not be installed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
        raise LaunchError(f"{what} could not be installed: {(lines or ['no output'])[-1]}")

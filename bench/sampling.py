"""Where a Python process spends its CPU: stacks that py-spy takes from outside."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.building import HOME
from bench.peers.installing import VENV, run, with_pip
from launcher.progress import Progress

_FRAME = re.compile(r"(?P<function>.+) \((?P<file>[^()]*)\)$")
_PACKAGE = re.compile(r"site-packages/(?P<name>[^/.]+)")
_OURS = re.compile(r"(?P<path>(?:services|shared|bench)/.+)\.py$")


@dataclass(frozen=True)
class Samples:
    """How often each piece of code was what ran: `packages` by the package it belongs to,
    `functions` by name. Waiting is not counted."""

    packages: Counter[str]
    functions: Counter[str]

    @property
    def total(self) -> int:
        return self.packages.total()


async def prepare(progress: Progress) -> None:
    """Raises LaunchError."""
    await with_pip(("py-spy",), progress)


async def sample(pid: int, name: str, seconds: int) -> Samples:
    """Raises LaunchError where this user may not look into the process."""
    path = HOME / f"{name.replace(' ', '-')}.stacks"
    await run(
        f"a profile of {name}",
        *(str(VENV / "bin" / "py-spy"), "record", "--pid", str(pid), "--format", "raw"),
        *("--duration", str(seconds), "--function", "--full-filenames", "--output", str(path)),
    )
    found = counted((await asyncio.to_thread(path.read_text)).splitlines())
    path.unlink()
    return found


def counted(stacks: Sequence[str]) -> Samples:
    """From lines of `outer;…;inner count`: the innermost function is what ran."""
    packages, functions = Counter[str](), Counter[str]()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        if (frame := _FRAME.match(stack.rpartition(";")[2])) is None:
            continue
        where = _where(frame["file"])
        packages[where.partition("/")[0] if "/" in where else where] += int(count)
        functions[f"{frame['function']} in {where}"] += int(count)
    return Samples(packages, functions)


def _where(file: str) -> str:
    """`services/chat/…` for our own code, the package's name for others', else the module's."""
    if package := _PACKAGE.search(file):
        return package["name"]
    if ours := _OURS.search(file):
        return ours["path"]
    path = Path(file)
    return f"Python's {path.parent.name if path.stem == '__init__' else path.stem}"

"""Where a Python process spends its CPU: stacks that py-spy takes from outside."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.building import HOME
from bench.peers.installing import VENV, run, with_pip
from launcher.paths import ROOT
from launcher.progress import Progress

_FRAME = re.compile(r"(?P<function>.+) \((?P<file>[^()]*?)(?::\d+)?\)$")
_PACKAGE = re.compile(r"site-packages/(?P<name>[^/.]+)")
_OURS = "Circles itself"


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
        where, package = _where(frame["file"]), _package(frame["file"])
        packages[package] += int(count)
        functions[f"{frame['function']} in {where}"] += int(count)
    return Samples(packages, functions)


def _where(file: str) -> str:
    """The file within this repository for our own code, the package for others'."""
    package = _package(file)
    return str(Path(file).relative_to(ROOT)) if package == _OURS else package


def _package(file: str) -> str:
    if package := _PACKAGE.search(file):
        return package["name"]
    path = Path(file)
    if path.is_relative_to(ROOT):
        return _OURS
    return f"Python's {path.parent.name if path.stem == '__init__' else path.stem}"

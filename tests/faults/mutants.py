"""Copies of the source tree, one guarantee broken in each."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from launcher.errors import LaunchError
from launcher.paths import ROOT, program
from tests.faults.mutations import Edit

# What services and their migrations are made of.
_TREE = ("services", "shared")
_ORIGIN = "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]).origin)"


class NoLongerFits(LaunchError):
    """The text to be replaced is gone, or stands there more than once."""


def edited(text: str, edit: Edit) -> str:
    """Raises NoLongerFits."""
    if (found := text.count(edit.old)) != 1:
        raise NoLongerFits(
            f"The mutation no longer fits: {edit.file} has {edit.old!r} {found} times instead of "
            "once. Put the mutation right in tests/faults/mutations.py."
        )
    return text.replace(edit.old, edit.new)


@contextmanager
def mutant(edits: Sequence[Edit]) -> Iterator[Path]:
    """A copy with these edits, for the length of the block. Raises NoLongerFits."""
    with tempfile.TemporaryDirectory(prefix="circles-mutant-") as folder:
        source = Path(folder).resolve()
        for part in _TREE:
            shutil.copytree(
                ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        for edit in edits:
            file = source / edit.file
            file.write_text(edited(file.read_text(), edit))
        yield source


async def check_imports(source: Path, edits: Sequence[Edit]) -> None:
    """See that a service started in `source` imports its edited modules from there, though the
    installed packages name the checkout. Raises LaunchError."""
    files = {edit.file for edit in edits if edit.file.endswith(".py")} or {"shared/__init__.py"}
    for file in files:
        process = await asyncio.create_subprocess_exec(
            *(program("python"), "-c", _ORIGIN, file.removesuffix(".py").replace("/", ".")),
            cwd=source,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        origin = output.decode().strip()
        if origin != str(source / file):
            raise LaunchError(f"The mutant would not run: {file} is imported from {origin}.")

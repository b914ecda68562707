"""Compiling the load generator and the floor, once for each version of their sources."""

import asyncio
import hashlib
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from launcher import install
from launcher.errors import LaunchError
from launcher.paths import STATE
from launcher.progress import Progress

SOURCES = Path(__file__).parent / "load"
HOME = STATE / "bench"
PACKAGES = ("gcc", "libc6-dev")
_FLAGS = ("-O2", "-Wall", "-Wextra")


async def build(progress: Progress) -> Path:
    """The folder with the programs `load` and `floor`. Raises LaunchError without a compiler."""
    sources = sorted(SOURCES.glob("*.[ch]"))
    version = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    folder = HOME / "bin" / version
    if (folder / "load").exists():
        return folder
    compiler = _compiler()
    if compiler is None and await install.may_install():
        await install.install(PACKAGES, progress)
        compiler = _compiler()
    if compiler is None:
        raise LaunchError("A C compiler is missing: the load generator is C. Install gcc.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        progress.step("Load generator is built"),
        TemporaryDirectory(dir=folder.parent) as draft,
    ):
        own = [str(s) for s in sources if s.suffix == ".c" and s.stem != "floor"]
        await _compile(compiler, Path(draft) / "floor", [str(SOURCES / "floor.c")])
        await _compile(compiler, Path(draft) / "load", own)
        # In one step: another run must not start a half-written program.
        folder.mkdir(exist_ok=True)
        for name in ("floor", "load"):
            (Path(draft) / name).replace(folder / name)
    return folder


def _compiler() -> str | None:
    return shutil.which("gcc") or shutil.which("cc")


async def _compile(compiler: str, program: Path, sources: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(compiler, *_FLAGS, "-o", str(program), *sources),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise LaunchError(f"{program.name} can't be built: {output.decode().splitlines()[-1]}")

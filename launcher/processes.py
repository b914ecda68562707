"""One process: started in a session of its own, logged to its file, remembered by its process id.

A session of its own keeps the terminal's Ctrl-C away from it, so that the launcher decides the
order of stopping. The process id is written down, so that the next start can end what a killed
launcher left behind, and nothing else.
"""

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from launcher.errors import LaunchError
from launcher.logfiles import last_words, rotate
from launcher.paths import ROOT
from launcher.waiting import until

# What services depend on, and the signal that ends each quickly and cleanly.
_SERVERS = {
    "postgres": signal.SIGINT,
    "rabbitmq": signal.SIGTERM,
    "epmd": signal.SIGTERM,
}


@dataclass
class Process:
    """`start` it, `wait` for its end, `stop` it. `name` is unique within `folder`, and `source` is
    the folder that it runs in: Python programs import from there."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 8.0
    source: Path = ROOT
    _running: asyncio.subprocess.Process | None = field(default=None, init=False)
    _log_offset: int = field(default=0, init=False)

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        return self.folder / "pids" / f"{self.name}.json"

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.returncode is None

    @property
    def pid(self) -> int:
        """Of the present or the last run; raises AssertionError before the first."""
        assert self._running is not None, "a process has an id once it was started"
        return self._running.pid

    @property
    def exit_code(self) -> int | None:
        return self._running.returncode if self._running else None

    async def start(self) -> None:
        """Raises LaunchError when the program can't be executed."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        rotate(self.log)
        self._log_offset = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            try:
                self._running = await asyncio.create_subprocess_exec(
                    *self.command,
                    cwd=self.source,
                    env=dict(self.environment),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            except OSError as error:
                raise LaunchError(
                    f"{self.command[0]} can't be started: {error.strerror}. "
                    "Reinstall the package that it belongs to."
                ) from error
        _remember(self.pid_file, self._running.pid)

    async def wait(self) -> int:
        """Wait for its end, whoever ends it."""
        assert self._running is not None, "wait comes after start"
        return await self._running.wait()

    async def stop(self) -> None:
        """Ask it to end, and after its grace make it; harmless if it has ended."""
        if self._running is not None:
            await _end(self._running.pid, self.stop_signal, self.grace_seconds, self._running)
        self.pid_file.unlink(missing_ok=True)

    def last_words(self) -> str:
        """The last meaningful line that this run of the process wrote."""
        return last_words(self.log, self._log_offset)


async def _end(
    pid: int,
    stop_signal: signal.Signals,
    grace_seconds: float,
    running: asyncio.subprocess.Process | None = None,
) -> None:
    async def gone() -> bool:
        return not identity(pid)

    if running is None or running.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(pid, stop_signal)
        with suppress(TimeoutError):
            await asyncio.wait_for(running.wait() if running else until(gone), grace_seconds)
    # Its session may hold helpers of its own; those of a process that ended well have ended too.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if running is not None:
        await running.wait()


def _remember(path: Path, pid: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": pid, "identity": identity(pid)}))


def identity(pid: int) -> str:
    """What tells this process from a later one with the same number: the moment of its start.

    Empty when there is no such process, or only its zombie.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else f"{boot}/{fields[19]}"


async def end_leftovers(folder: Path, names: str = "*") -> list[str]:
    """End what an earlier launcher started in `folder` and could not stop; return the names. Of
    all, or of those whose names match `names`.

    Services and gateway first, servers last, as in a proper stop.
    """
    ended = []
    files = sorted((folder / "pids").glob(f"{names}.json"), key=lambda file: file.stem in _SERVERS)
    for file in files:
        with suppress(ValueError, KeyError, TypeError):
            known = json.loads(file.read_text())
            if known["identity"] and identity(known["pid"]) == known["identity"]:
                await _end(known["pid"], _SERVERS.get(file.stem, signal.SIGTERM), 10.0)
                ended.append(file.stem)
        file.unlink(missing_ok=True)
    return ended

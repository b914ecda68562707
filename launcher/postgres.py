"""A private PostgreSQL: found on the machine, started on a port of its own, stopped cleanly."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from launcher.errors import LaunchError
from launcher.paths import shown
from launcher.ports import free_port
from launcher.privileges import Drop, drop_root
from launcher.processes import Process
from launcher.waiting import until

OLDEST = 14
PACKAGES = ("postgresql",)
START_SECONDS = 90.0

DURABLE: Mapping[str, str] = {"fsync": "on", "checkpoint_timeout": "15min"}
# For data that nobody will miss after the run.
THROWAWAY: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "2GB",
}


@dataclass(frozen=True)
class Installation:
    version: int
    folder: Path

    def program(self, name: str) -> str:
        return str(self.folder / name)


def installations() -> Sequence[Installation]:
    """Every usable PostgreSQL, newest first. Debian keeps its binaries off PATH, by version."""
    folders = {*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")}
    if on_path := shutil.which("postgres"):
        folders.add(Path(on_path).resolve().parent)
    found = [
        Installation(version, folder)
        for folder in folders
        if (folder / "initdb").exists() and (version := _version(folder / "postgres")) >= OLDEST
    ]
    return sorted(found, key=lambda one: one.version, reverse=True)


def _version(postgres: Path) -> int:
    try:
        said = subprocess.run(
            [postgres, "--version"], capture_output=True, text=True, check=True, timeout=10
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    number = re.search(r"(\d+)", said)
    return int(number[1]) if number else 0


class Postgres:
    """One server under `folder`; its data stay there between runs, or in `data`."""

    name = "PostgreSQL"

    def __init__(
        self,
        folder: Path,
        password: str,
        tuning: Mapping[str, str] = DURABLE,
        data: Path | None = None,
    ) -> None:
        self._folder = folder
        self._password = password
        self._tuning = tuning
        self._drop = Drop(())
        self._data = data or folder / "postgres"
        self.port = 0
        self.process: Process | None = None

    @property
    def url(self) -> str:
        """The administrator's."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/postgres"

    async def start(self) -> None:
        """Raises LaunchError with the cause and what to do."""
        installation = self._suitable()
        self._drop = await drop_root(self._data)
        self._data = self._drop.folder or self._data
        if not (self._data / "PG_VERSION").exists():
            await self._create(installation)
        self.port = free_port()
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            # No socket files: their paths may be at most 107 characters long.
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            # Else a rule that a row breaks would have the row, and so somebody's message, logged.
            "log_error_verbosity": "terse",
            **self._tuning,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        where = ("-D", str(self._data))
        self.process = Process(
            "postgres",
            [*self._drop.command, installation.program("postgres"), *where, *options],
            self._folder,
            environment=_clean_environment(),
            # SIGINT is its fast shutdown; SIGTERM would wait for every client to leave.
            stop_signal=signal.SIGINT,
            grace_seconds=20.0,
        )
        await self.process.start()
        await self.ready()

    async def ready(self) -> None:
        """Wait until it answers; raises LaunchError when it ends or refuses us."""
        assert self.process is not None, "ready comes after start"
        try:
            async with asyncio.timeout(START_SECONDS):
                await until(self._ended_or_answers)
        except TimeoutError:
            raise self._failed(
                f"did not answer within {START_SECONDS:.0f} s",
                "It may only be slow: wait until the machine has less to do, and try again",
            ) from None
        if not self.process.alive:
            raise self._failed("ended at once", "Put that right, and try again")

    async def _ended_or_answers(self) -> bool:
        return self.process is None or not self.process.alive or await self._answers()

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url, timeout=5)
        except asyncpg.InvalidPasswordError as error:
            raise LaunchError(
                f"PostgreSQL does not know the password of {shown(self._folder / 'secrets.json')}: "
                f"its data are older. Restore that file, or remove {shown(self._data)} to start "
                "without data."
            ) from error
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def stop(self) -> None:
        if self.process is not None:
            await self.process.stop()

    def _suitable(self) -> Installation:
        """The newest, or the one that wrote the data that are there."""
        found = installations()
        if not found:
            raise LaunchError(f"PostgreSQL {OLDEST} or later is missing. Install postgresql.")
        marker = self._data / "PG_VERSION"
        if not self._data.exists() or not any(self._data.iterdir()):
            return found[0]
        written = marker.read_text().strip() if marker.exists() else ""
        if not written.isdigit() or not (self._data / "global").is_dir():
            raise LaunchError(
                f"{shown(self._data)} holds something else than a whole PostgreSQL data folder. "
                "Move it away, or remove it to start without data."
            )
        for installation in found:
            if installation.version == int(written):
                return installation
        raise LaunchError(
            f"{shown(self._data)} was written by PostgreSQL {written}, and only version "
            f"{found[0].version} is installed. Install postgresql-{written}, or remove the folder "
            "to start without data."
        )

    async def _create(self, installation: Installation) -> None:
        """Make the data folder, under another name first: one half made must not look whole."""
        draft = self._data.with_name("postgres.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        self._drop.give(draft)
        # A file, because the user we drop to may not open a pipe of root's by name.
        password = draft.with_name("postgres.password")
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(f"{self._password}\n")
        self._drop.give(password)
        process = await asyncio.create_subprocess_exec(
            *self._drop.command,
            *(installation.program("initdb"), "-D", str(draft), "--username=postgres"),
            *("--auth=scram-sha-256", f"--pwfile={password}", "--no-sync"),
            *("--encoding=UTF8", "--locale=C.UTF-8"),
            env=_clean_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        password.unlink()
        if process.returncode != 0:
            lines = output.decode(errors="replace").strip().splitlines() or ["no output"]
            cause = next((line for line in lines if "error" in line.lower()), lines[-1])
            raise LaunchError(
                f"PostgreSQL's data folder could not be made: {cause}. "
                f"See that {shown(draft.parent)} is writable and has space."
            )
        if self._data.exists():
            self._data.rmdir()
        draft.rename(self._data)

    def _failed(self, how: str, remedy: str) -> LaunchError:
        assert self.process is not None, "a failure comes after start"
        words = self.process.last_words() or "no word in its log"
        return LaunchError(
            f"PostgreSQL {how}: {words}. {remedy} (its log: {shown(self.process.log)}). As "
            f"the last resort, put a backup in the place of {shown(self._data)}: groups, messages "
            "and inboxes are lost with it."
        )


def _clean_environment() -> Mapping[str, str]:
    """Without PG* variables: they are meant for another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}

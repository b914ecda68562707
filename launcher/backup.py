"""`circles backup`: the three databases and the secrets, while the system runs.

Each dump is one moment of its database. The notifier's is taken first and groups' last: whatever a
service has heard, those it heard it from have as well. What it had not heard yet is published again
after a restore.
"""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from yarl import URL

from launcher import credentials, postgres
from launcher.errors import LaunchError
from launcher.paths import ROOT, STATE, shown
from launcher.progress import Progress
from launcher.running import running_stack

# Who hears of things comes before those who tell.
ORDER = ("notifier", "chat", "groups")
MANIFEST = "backup.json"
SECRETS = "secrets.json"
FORMAT = 1


async def take_backup(folder: Path | None, progress: Progress) -> None:
    """Write a backup of the stack that runs from this checkout into `folder`, which must be new.
    Raises LaunchError, and leaves nothing then."""
    stack = running_stack()
    taken_at = datetime.now(UTC)
    folder = folder or ROOT / "backups" / taken_at.strftime("%Y%m%d-%H%M%S")
    if folder.exists():
        raise LaunchError(f"{shown(folder)} is there already. Name a new folder.")
    databases = {
        service: str(URL(stack.admin_database_url).with_path(URL(url).path))
        for service, url in stack.owner_urls.items()
    }
    # Under another name until it is whole.
    draft = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        for service in ORDER:
            with progress.step(f"{service} is backed up"):
                await dump(databases[service], draft / f"{service}.dump")
        write_private(draft / SECRETS, json.dumps(dict(credentials.load(STATE)), indent=2))
        about = {"format": FORMAT, "takenAt": taken_at.isoformat(timespec="seconds")}
        write_private(draft / MANIFEST, json.dumps(about, indent=2) + "\n")
        draft.rename(folder)
    except OSError as error:
        raise LaunchError(f"{shown(folder)} can't be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    progress.say(
        f"Backed up to {shown(folder)}. It holds secrets and everybody's messages: keep it as safe "
        "as the system itself."
    )


async def dump(url: str, file: Path) -> None:
    """Dump the database at `url`, as it is at one moment, into a new file that only its owner can
    read. Raises LaunchError."""
    write_private(file, "")
    arguments = ("--format=custom", "--no-owner", "--no-privileges", f"--file={file}")
    await run_client("pg_dump", url, *arguments)


def write_private(file: Path, text: str) -> None:
    """Write a new file that only its owner can read, from its first byte on."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)


async def run_client(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs on the database at `url`. Raises LaunchError."""
    where = URL(url)
    process = await asyncio.create_subprocess_exec(
        _found(program),
        f"--host={where.host}",
        f"--port={where.port or 5432}",
        f"--username={where.user}",
        f"--dbname={where.path.lstrip('/')}",
        "--no-password",
        *arguments,
        env=_environment(where),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        lines = said.decode(errors="replace").strip().splitlines() or ["no word"]
        raise LaunchError(f"{program} failed on {where.path.lstrip('/')}: {lines[-1]}")


def _environment(where: URL) -> Mapping[str, str]:
    """The password goes through the environment: arguments are readable by everyone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "PGPASSWORD": where.password or ""}


def _found(program: str) -> str:
    """The newest one: it reads and writes what older servers have."""
    for installation in postgres.installations():
        if (installation.folder / program).exists():
            return installation.program(program)
    if (found := shutil.which(program)) is not None:
        return found
    raise LaunchError(f"{program} is missing. Install postgresql-client.")

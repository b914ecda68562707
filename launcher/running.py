"""What other commands need to know of a stack that runs from this checkout."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from yarl import URL

from launcher.errors import LaunchError
from launcher.paths import STATE

_FILE = STATE / "running.json"


@asynccontextmanager
async def remembered(port: int, owner_urls: Mapping[str, str]) -> AsyncIterator[None]:
    """Keep a note of this stack for the length of the block; only its user can read it."""
    _FILE.unlink(missing_ok=True)
    with os.fdopen(os.open(_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"port": port, "databases": dict(owner_urls)}, file)
    try:
        yield
    finally:
        _FILE.unlink(missing_ok=True)


def owner_urls() -> Mapping[str, str]:
    """Each service's database, as its owner. Raises LaunchError when no stack runs here."""
    try:
        databases: Mapping[str, str] = json.loads(_FILE.read_text())["databases"]
    except FileNotFoundError:
        raise LaunchError("Circles is not running from this folder. Start it: make run") from None
    return databases


def open_psql(service: str) -> None:
    """Become psql on the service's database. Raises LaunchError when that can't be."""
    url = URL(owner_urls()[service])
    program = shutil.which("psql")
    if program is None:
        raise LaunchError("psql is missing. Install postgresql-client.")
    # The password goes through the environment: arguments are readable by everyone.
    os.environ["PGPASSWORD"] = url.password or ""
    os.execv(program, [program, str(url.with_password(None))])  # noqa: S606

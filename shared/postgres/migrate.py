"""One-shot job: apply a service's numbered .sql files with dbmate.

dbmate takes no lock of its own: run one job, before any replica starts, never at a service's start.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from yarl import URL


class MigrationFailed(Exception):
    """dbmate refused; the message is its own last words."""


def _dbmate() -> str:
    beside_python = Path(sys.executable).parent / "dbmate"
    found = str(beside_python) if beside_python.exists() else shutil.which("dbmate")
    if found is None:
        raise MigrationFailed("dbmate is not installed. Install the packages of requirements.lock.")
    return found


async def migrate(owner_url: str, folders: Sequence[Path]) -> None:
    """Bring the database at `owner_url` up to date with the files in `folders`.

    File names carry their order, `NNNN_verb_noun.sql`, unique over all folders. Raises
    MigrationFailed.
    """
    url = (
        URL(owner_url).update_query(sslmode="disable") if "sslmode" not in owner_url else owner_url
    )
    arguments = [argument for folder in folders for argument in ("--migrations-dir", str(folder))]
    process = await asyncio.create_subprocess_exec(
        _dbmate(),
        *arguments,
        "--no-dump-schema",
        "migrate",
        # In the environment, not in the arguments: a process list is readable by everyone.
        env={**os.environ, "DATABASE_URL": str(url)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise MigrationFailed(output.decode(errors="replace").strip().splitlines()[-1])

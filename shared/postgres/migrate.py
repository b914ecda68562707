"""One-shot job: apply a service's numbered .sql files with dbmate, while the version before serves.

dbmate takes no lock of its own: run one job, before any replica of the new version starts, never at
a service's start. What a file may do is in CONTRIBUTING.md, and a test reads every file for it.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg
from yarl import URL

from shared.errors import words_of

# A statement that waits for a lock makes everybody wait who comes after it: so it waits for less
# than a caller would notice, steps back, and tries again.
LOCK_SECONDS = 1.0
PAUSE_SECONDS = 1.0
TRIES = 30
_NO_LOCK = "lock timeout"

_UNFINISHED = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND n.nspname = 'public'
"""


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

    File names carry their order, `NNNN_verb_noun.sql`, unique over all folders. Safe to repeat; a
    file that failed left nothing behind. Raises MigrationFailed.
    """
    for left in reversed(range(TRIES)):
        try:
            await _drop_unfinished_indexes(owner_url)
            await _apply(owner_url, folders)
            return
        except MigrationFailed as failure:
            if _NO_LOCK not in str(failure):
                raise
            if not left:
                raise MigrationFailed(
                    f"{failure}. For {TRIES * (LOCK_SECONDS + PAUSE_SECONDS):.0f} s a table was in "
                    "use by one transaction or the other: end the longest (pg_stat_activity)"
                ) from failure
        await asyncio.sleep(PAUSE_SECONDS)


async def _apply(owner_url: str, folders: Sequence[Path]) -> None:
    url = URL(owner_url)
    if "sslmode" not in url.query:
        url = url.update_query(sslmode="disable")
    # In milliseconds; dbmate's driver hands it on to the server for the whole session.
    url = url.update_query(lock_timeout=str(int(LOCK_SECONDS * 1000)))
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


async def _drop_unfinished_indexes(owner_url: str) -> None:
    """What CREATE INDEX CONCURRENTLY leaves behind when it is cut off: it serves no query, costs
    every write, and is in the way of the next try."""
    settings = {"lock_timeout": str(int(LOCK_SECONDS * 1000))}
    try:
        owner = await asyncpg.connect(owner_url, server_settings=settings)
        try:
            for row in await owner.fetch(_UNFINISHED):
                await owner.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {row[0]}")
        finally:
            await owner.close()
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise MigrationFailed(words_of(error)) from error

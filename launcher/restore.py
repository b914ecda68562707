"""`circles restore`: a backup put back, while nothing runs.

Three things follow from going back in time, and are done here. The notifier's store gets a new
epoch, so that clients with a cursor from later are told to reload. Facts that the outboxes still
hold are published again: what one service had told and another not yet heard is heard then, and
what was heard is skipped. The broker begins empty: its queues and log tell of a time that the
databases have not seen.
"""

import json
import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import asyncpg

from launcher import credentials, jobs
from launcher.backup import FORMAT, MANIFEST, ORDER, SECRETS, run_client, write_private
from launcher.errors import LaunchError
from launcher.lock import held
from launcher.paths import STATE, shown
from launcher.postgres import DURABLE
from launcher.processes import end_leftovers
from launcher.progress import Progress
from launcher.servers import choose_postgres, start_server, stopped_after
from shared.errors import words_of

# What people hold that was made with them: tokens, tickets, and who was erased. The passwords of
# servers stay those of this checkout.
_CARRIED = ("token_secret", "service_secret", "ticket_secret")


async def restore_backup(folder: Path, overwrite: bool, progress: Progress) -> None:
    """Put the backup in `folder` back into this checkout. Raises LaunchError where something runs
    from here, or where there is something already and nobody said to give it up."""
    about, secrets = read_backup(folder)
    if os.environ.get("DATABASE_URL") or os.environ.get("AMQP_URL"):
        raise LaunchError(
            "DATABASE_URL or AMQP_URL names a server of your own, which this does not touch. "
            "Unset them, or restore there with pg_restore: see docs/runbook.md."
        )
    with held(STATE, "Circles"):
        await end_leftovers(STATE)
        present = credentials.load(STATE)
        server = await choose_postgres(STATE, present, progress, DURABLE)
        async with stopped_after([server], progress):
            await start_server(server, progress)
            databases = {
                service: jobs.database_urls(server.url, present, service) for service in ORDER
            }
            if not overwrite and (full := await holding(server.url, databases)):
                raise LaunchError(
                    f"There are data of {', '.join(full)} in {shown(STATE)} already. "
                    "To give them up for those of the backup: --overwrite."
                )
            for service, urls in databases.items():
                with progress.step(f"{service} is restored"):
                    await put_back(server.url, service, urls, folder / f"{service}.dump")
        shutil.rmtree(STATE / "rabbitmq" / "data", ignore_errors=True)
        _carry_over(with_carried(present, secrets))
    when = datetime.fromisoformat(about["takenAt"]).isoformat(sep=" ", timespec="minutes")
    progress.say(
        f"Everything is as it was at {when}. Start it with `make run`; clients will reload. Erase "
        "again whoever was erased since then."
    )


def read_backup(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What the backup says of itself, and its secrets. Raises LaunchError."""
    try:
        about = json.loads((folder / MANIFEST).read_text())
        secrets = json.loads((folder / SECRETS).read_text())
    except (OSError, ValueError) as error:
        raise LaunchError(
            f"{shown(folder)} holds no whole backup: {error}. Name a folder that `circles backup` "
            "has written."
        ) from error
    missing = [s for s in ORDER if not (folder / f"{s}.dump").exists()]
    if about.get("format") != FORMAT or missing or any(n not in secrets for n in _CARRIED):
        raise LaunchError(
            f"{shown(folder)} is no backup that this version can read, or not a whole one."
        )
    return about, secrets


async def holding(admin_url: str, databases: Mapping[str, jobs.DatabaseUrls]) -> list[str]:
    """The services whose databases hold something. Raises LaunchError."""
    full = []
    for service, urls in databases.items():
        try:
            connection = await asyncpg.connect(urls.owner, timeout=10)
        except (asyncpg.InvalidCatalogNameError, asyncpg.InvalidPasswordError):
            # There is no such database, or no such role yet.
            continue
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            raise LaunchError(
                f"The database of {service} can't be looked at: {words_of(error)}"
            ) from error
        try:
            tables = await connection.fetch(
                "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename NOT IN ('schema_migrations', 'store', 'replicas')"
            )
            for table in tables:
                if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table['name']})"):  # noqa: S608
                    full.append(service)
                    break
        finally:
            await connection.close()
    return full


async def put_back(admin_url: str, service: str, urls: jobs.DatabaseUrls, file: Path) -> None:
    """Make the database of `service` anew from a dump, then bring it up to date and into a new
    time. Raises LaunchError."""
    await jobs.make_empty_database(admin_url, service, urls)
    connection = await asyncpg.connect(urls.owner, timeout=10)
    try:
        # The dump brings its own list of migrations.
        await connection.execute("DROP TABLE schema_migrations")
    finally:
        await connection.close()
    await run_client(
        "pg_restore", urls.owner, "--no-owner", "--no-privileges", "--exit-on-error", str(file)
    )
    # The backup may be of an older version, and the rights on that list are to be taken back again.
    await jobs.prepare_databases(admin_url, {service: urls})
    connection = await asyncpg.connect(urls.owner, timeout=10)
    try:
        await connection.execute("UPDATE outbox SET published_at = NULL")
        if service == "notifier":
            await connection.execute("DELETE FROM store")
            await connection.execute("DELETE FROM stream_sessions")
    finally:
        await connection.close()


def with_carried(present: Mapping[str, str], backup: Mapping[str, str]) -> dict[str, str]:
    """This checkout's secrets, with what people hold as it was at the time of the backup."""
    # At that time the erased may still have been remembered by its service_secret.
    kept = {name: secret for name, secret in present.items() if name != credentials.ERASURE}
    carried = [name for name in (*_CARRIED, credentials.ERASURE) if name in backup]
    return {**kept, **{name: backup[name] for name in carried}}


def _carry_over(secrets: Mapping[str, str]) -> None:
    """Replace the secrets of this checkout in one step."""
    draft = STATE / f"{SECRETS}.restored"
    draft.unlink(missing_ok=True)
    write_private(draft, json.dumps(dict(secrets), indent=2))
    draft.rename(STATE / SECRETS)

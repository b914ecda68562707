"""Installing, preparing and starting ejabberd, with its data and its database under our folder."""

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from yarl import URL

from bench.building import HOME
from bench.context import Context, listening
from bench.peers import installing
from bench.peers.ejabberd import Ejabberd
from launcher import credentials
from launcher.ports import free_port
from launcher.postgres import Postgres
from launcher.processes import Process, end_leftovers

FOLDER = HOME / "ejabberd"
PACKAGES = ("ejabberd", "erlang-p1-pgsql")
_SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
_LIBRARIES = "/usr/lib/x86_64-linux-gnu"
SETTLE_SECONDS = 60.0

_CONFIG = """\
hosts: [localhost]
loglevel: error
listen:
  - {{port: {port}, ip: "127.0.0.1", module: ejabberd_c2s, backlog: 4096}}
auth_method: [sql]
auth_password_format: plain
default_db: sql
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: {sql_port}
sql_database: ejabberd
sql_username: postgres
sql_password: "{sql_password}"
sql_pool_size: 10
shaper_rules: {{}}
modules:
  mod_mam: {{default: always}}
  mod_muc:
    max_users: 2000
    history_size: 0
    default_room_options:
      mam: true
      persistent: true
      max_users: 2000
      presence_broadcast: []
      allow_subscription: true
"""


@asynccontextmanager
async def running_ejabberd(context: Context) -> AsyncIterator[Ejabberd]:
    """Running on a database of its own. Raises LaunchError when it can't be had."""
    if not _is_installed():
        await installing.with_apt(PACKAGES, context.progress)
    # What an earlier run stored is of no use: rooms would be loaded again.
    shutil.rmtree(FOLDER / "mnesia", ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    await end_leftovers(FOLDER)
    database = Postgres(FOLDER, credentials.load(FOLDER)["postgres_admin"])
    try:
        await database.start()
        await _prepare(database)
        port = free_port()
        config = FOLDER / "ejabberd.yml"
        config.touch(mode=0o600)
        password = URL(database.url).password
        config.write_text(_CONFIG.format(port=port, sql_port=database.port, sql_password=password))
        process = Process("ejabberd", _command(), FOLDER, _environment(config))
        try:
            with context.progress.step("ejabberd is ready"):
                await process.start()
                await listening(process, port, 60.0)
            yield Ejabberd(process, database, port)
        finally:
            await process.stop()
    finally:
        await database.stop()


def _is_installed() -> bool:
    return _SCHEMA.exists() and any(Path("/usr/lib/erlang/lib").glob("p1_pgsql-*"))


def _schema() -> str:
    return _SCHEMA.read_text()


def _command() -> Sequence[str]:
    erl = shutil.which("erl") or "erl"
    options = ("+K", "true", "+P", "250000", "+sbwt", "none", "+sbwtdcpu", "none")
    # No name: it needs no other node, and so no name server that would outlive it.
    return (erl, *options, "-noinput", "-mnesia", "dir", f'"{FOLDER}/mnesia"', "-s", "ejabberd")


def _environment(config: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(FOLDER),
        "ERL_LIBS": _LIBRARIES,
        "ERL_MAX_PORTS": str(installing.open_files()),
        "EJABBERD_CONFIG_PATH": str(config),
        "EJABBERD_LOG_PATH": str(FOLDER / "logs" / "ejabberd-own.log"),
    }


async def _prepare(database: Postgres) -> None:
    admin = await asyncpg.connect(database.url, timeout=10)
    try:
        await admin.execute("DROP DATABASE IF EXISTS ejabberd")
        await admin.execute("CREATE DATABASE ejabberd")
    finally:
        await admin.close()
    own = await asyncpg.connect(str(URL(database.url).with_path("/ejabberd")), timeout=10)
    try:
        await own.execute(_schema())
    finally:
        await own.close()

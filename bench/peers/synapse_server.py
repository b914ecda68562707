"""Installing, preparing and starting Synapse, with its data and its database under our folder."""

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from yarl import URL

from bench.building import HOME
from bench.context import Context, listening
from bench.peers import installing
from bench.peers.synapse import TIMELINE, Synapse
from launcher import credentials
from launcher.ports import free_port
from launcher.postgres import Postgres
from launcher.processes import Process, end_leftovers

FOLDER = HOME / "synapse"
PACKAGES = ("matrix-synapse", "psycopg2-binary")
START_SECONDS = 120.0
_ENDLESS = {"per_second": 1_000_000, "burst_count": 1_000_000}
_LOGGING = {"version": 1, "root": {"level": "ERROR", "handlers": []}}


@asynccontextmanager
async def running_synapse(context: Context) -> AsyncIterator[Synapse]:
    """Running on a database of its own. Raises LaunchError when it can't be had."""
    await installing.with_pip(PACKAGES, context.progress)
    # What an earlier run stored is of no use.
    shutil.rmtree(FOLDER / "data", ignore_errors=True)
    (FOLDER / "data").mkdir(parents=True, exist_ok=True)
    await end_leftovers(FOLDER)
    secrets = credentials.load(FOLDER)
    database = Postgres(FOLDER, secrets["postgres_admin"])
    try:
        await database.start()
        await _prepare(database)
        port, config = free_port(), FOLDER / "homeserver.yaml"
        config.touch(mode=0o600)
        # JSON is YAML.
        config.write_text(json.dumps(_config(database, port, secrets["service_secret"])))
        (FOLDER / "logging.yaml").write_text(json.dumps(_LOGGING))
        program = (str(installing.PYTHON), "-m", "synapse.app.homeserver", "-c", str(config))
        await installing.run("Synapse's keys", *program, "--generate-keys")
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(FOLDER)}
        process = Process("synapse", program, FOLDER, environment)
        try:
            with context.progress.step("Synapse is ready"):
                await process.start()
                await listening(process, port, START_SECONDS)
            yield Synapse(process, database, port, secrets["service_secret"])
        finally:
            await process.stop()
    finally:
        await database.stop()


def _config(database: Postgres, port: int, secret: str) -> dict[str, Any]:
    url = URL(database.url)
    limits = ("message", "registration", "joins_per_room", "invites_per_room", "room_creation")
    return {
        "server_name": "localhost",
        "pid_file": str(FOLDER / "data" / "pid"),
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"]}],
            }
        ],
        "database": {
            "name": "psycopg2",
            "args": {
                "user": url.user,
                "password": url.password,
                "database": "synapse",
                "host": "127.0.0.1",
                "port": database.port,
                "cp_min": 5,
                "cp_max": 10,
            },
        },
        "log_config": str(FOLDER / "logging.yaml"),
        "media_store_path": str(FOLDER / "data" / "media"),
        "signing_key_path": str(FOLDER / "data" / "signing.key"),
        "registration_shared_secret": secret,
        "macaroon_secret_key": secret,
        "form_secret": secret,
        "report_stats": False,
        "bcrypt_rounds": 4,
        "trusted_key_servers": [],
        "presence": {"enabled": False},
        "filter_timeline_limit": TIMELINE,
        **{f"rc_{name}": _ENDLESS for name in limits},
        "rc_joins": {"local": _ENDLESS, "remote": _ENDLESS},
        "rc_login": {"address": _ENDLESS, "account": _ENDLESS},
    }


async def _prepare(database: Postgres) -> None:
    admin = await asyncpg.connect(database.url, timeout=10)
    try:
        await admin.execute("DROP DATABASE IF EXISTS synapse")
        # It insists on this locale.
        await admin.execute(
            "CREATE DATABASE synapse TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    finally:
        await admin.close()

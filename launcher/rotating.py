"""`circles rotate`: new secrets for this checkout, while nothing runs.

The jobs of the next start give the services' users their new passwords, whatever the old ones were.
Only the administrators' have to be changed at the servers, by whoever still knows the old ones.
"""

import os
import secrets
from collections.abc import Sequence

import aiohttp

from launcher import credentials
from launcher.administrator import execute_as_administrator
from launcher.errors import LaunchError
from launcher.lock import held
from launcher.paths import STATE
from launcher.postgres import DURABLE
from launcher.processes import end_leftovers
from launcher.progress import Progress
from launcher.servers import choose_postgres, choose_rabbitmq, start_server, stopped_after


async def rotate(names: Sequence[str], progress: Progress) -> None:
    """Make each of these secrets anew. Raises LaunchError where something runs from here, or where
    a server does not take its administrator's new password: what was changed before stays so."""
    with held(STATE, "Circles"):
        await end_leftovers(STATE)
        known = credentials.load(STATE)
        fresh = {name: secrets.token_hex(32) for name in names}
        if "service_secret" in fresh and credentials.ERASURE not in known:
            # The erased were remembered by it: by a new one, nobody would know them.
            told = os.environ.get("ERASURE_SECRET")
            fresh[credentials.ERASURE] = told or known["service_secret"]
        for name, change in (("postgres_admin", _at_postgres), ("rabbitmq_admin", _at_rabbitmq)):
            if password := fresh.pop(name, None):
                await change(password, progress)
        credentials.replace(STATE, fresh)
    progress.say(
        f"{', '.join(names)}: new. Start with `make run`. Backups that were taken before hold what "
        "was good until now."
    )


async def _at_postgres(password: str, progress: Progress) -> None:
    known = credentials.load(STATE)
    server = await choose_postgres(STATE, known, progress, DURABLE)
    async with stopped_after([server], progress):
        await start_server(server, progress)
        with progress.step("PostgreSQL's administrator has a new password"):
            await change_postgres_password(server.url, password)
            credentials.replace(STATE, {"postgres_admin": password})


async def _at_rabbitmq(password: str, progress: Progress) -> None:
    known = credentials.load(STATE)
    server = await choose_rabbitmq(STATE, known, progress)
    async with stopped_after([server], progress):
        await start_server(server, progress)
        with progress.step("RabbitMQ's administrator has a new password"):
            await change_rabbitmq_password(server.management_url, password)
            credentials.replace(STATE, {"rabbitmq_admin": password})


async def change_postgres_password(url: str, password: str) -> None:
    """Give the role in `url` another password, which is to be hexadecimal. Raises LaunchError."""
    await execute_as_administrator(
        url,
        f"ALTER ROLE CURRENT_USER PASSWORD '{password}'",
        "PostgreSQL did not take the new password",
    )


async def change_rabbitmq_password(management_url: str, password: str) -> None:
    """Give the administrator in `management_url` another password. Raises LaunchError."""
    from shared.rabbitmq.provision import provision_administrator

    try:
        await provision_administrator(management_url, password)
    except (OSError, TimeoutError, aiohttp.ClientError) as error:
        raise LaunchError(
            f"RabbitMQ did not take the new password: {type(error).__name__}"
        ) from error

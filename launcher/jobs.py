"""The one-shot jobs before any service starts: databases, migrations, broker users, topology.

`make run` calls them with private servers; the containers call them through `circles jobs`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg
from yarl import URL

from launcher.administrator import execute_as_administrator
from launcher.credentials import SERVICES
from launcher.errors import LaunchError
from launcher.paths import ROOT
from shared.errors import words_of


@dataclass(frozen=True)
class DatabaseUrls:
    """One database: as its owner, who migrates, and as the service that works in it."""

    owner: str
    runtime: str


def migration_folders(service: str) -> list[Path]:
    return [ROOT / "shared/outbox/migrations", ROOT / "services" / service / "migrations"]


def database_urls(admin_url: str, secrets: Mapping[str, str], service: str) -> DatabaseUrls:
    """Where the database of `service` is, on the server of `admin_url`."""
    server = URL(admin_url).with_path(f"/circles_{service}", keep_query=True)
    owner = server.with_user(f"circles_{service}_owner").with_password(
        secrets[f"postgres_{service}_owner"]
    )
    runtime = server.with_user(f"circles_{service}").with_password(secrets[f"postgres_{service}"])
    return DatabaseUrls(str(owner), str(runtime))


async def prepare_databases(admin_url: str, databases: Mapping[str, DatabaseUrls]) -> None:
    """Create each service's database and roles, and migrate it. Raises LaunchError."""
    # One after the other: creating databases copies the same template, which locks it.
    for service, urls in databases.items():
        await _provision(admin_url, service, urls)
    await asyncio.gather(*(migrate(service, urls.owner) for service, urls in databases.items()))


async def _provision(admin_url: str, service: str, urls: DatabaseUrls) -> None:
    from shared.postgres.provision import provision_database

    try:
        await provision_database(admin_url, urls.owner, urls.runtime)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        server = URL(admin_url)
        raise LaunchError(
            f"The database of {service} could not be prepared on {server.host}:{server.port}: "
            f"{words_of(error)}. See that the server runs and that its user may create databases."
        ) from error


async def make_database_anew(admin_url: str, service: str, urls: DatabaseUrls) -> None:
    """Drop the database of `service`, whoever uses it, and prepare an empty one. Raises
    LaunchError."""
    await _drop(admin_url, service, urls)
    await prepare_databases(admin_url, {service: urls})


async def make_empty_database(admin_url: str, service: str, urls: DatabaseUrls) -> None:
    """The same, without any table in it. Raises LaunchError."""
    await _drop(admin_url, service, urls)
    await _provision(admin_url, service, urls)


async def _drop(admin_url: str, service: str, urls: DatabaseUrls) -> None:
    name = URL(urls.owner).path.lstrip("/")
    await execute_as_administrator(
        admin_url,
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f"The database of {service} could not be dropped",
    )


async def migrate(service: str, owner_url: str) -> None:
    """Apply the service's .sql files that were not applied yet. Raises LaunchError."""
    from shared.postgres import migrate as dbmate

    try:
        await dbmate.migrate(owner_url, migration_folders(service))
    except dbmate.MigrationFailed as error:
        raise LaunchError(
            f"Migrating the database of {service} failed: {error}. "
            f"Put right the file in services/{service}/migrations, or restore the database."
        ) from error


async def prepare_broker(
    management_url: str | None, admin_amqp_url: str, service_urls: Mapping[str, str]
) -> None:
    """Create users (where we administrate the broker) and declare the topology."""
    from shared.rabbitmq.provision import provision_broker
    from shared.rabbitmq.topology import TopologyRefused, declare_topology

    server = URL(admin_amqp_url)
    try:
        if management_url is not None:
            await provision_broker(management_url, service_urls)
        await declare_topology(admin_amqp_url)
    except (OSError, TimeoutError, aiohttp.ClientError, TopologyRefused) as error:
        raise LaunchError(
            f"RabbitMQ at {server.host}:{server.port} could not be prepared: "
            f"{words_of(error)}. See that it runs, that its user may declare queues, "
            "and that no queue of the same name has other arguments."
        ) from error


DATABASES, BROKER = PARTS = ("databases", "broker")


def variables_of(part: str) -> list[str]:
    """What the environment must name for a part of the jobs: servers as their administrator, and
    each service's own database and user."""
    services = [service.upper() for service in SERVICES]
    if part == DATABASES:
        roles = [f"{service}_{role}_URL" for service in services for role in ("OWNER", "DATABASE")]
        return ["ADMIN_DATABASE_URL", *roles]
    return ["MANAGEMENT_URL", "ADMIN_AMQP_URL", *(f"{service}_AMQP_URL" for service in services)]


async def run_jobs(environment: Mapping[str, str], parts: Sequence[str] = PARTS) -> None:
    """What `circles jobs` does in containers: everything that the environment names. Raises
    LaunchError."""
    needed = [name for part in parts for name in variables_of(part)]
    if missing := [name for name in needed if not environment.get(name)]:
        raise LaunchError(
            f"Not set: {', '.join(missing)}. The jobs need them: see docker-compose.yml."
        )

    if DATABASES in parts:
        databases = {
            service: DatabaseUrls(
                environment[f"{service.upper()}_OWNER_URL"],
                environment[f"{service.upper()}_DATABASE_URL"],
            )
            for service in SERVICES
        }
        await prepare_databases(environment["ADMIN_DATABASE_URL"], databases)
    if BROKER in parts:
        users = {service: environment[f"{service.upper()}_AMQP_URL"] for service in SERVICES}
        await prepare_broker(environment["MANAGEMENT_URL"], environment["ADMIN_AMQP_URL"], users)

"""PostgreSQL and RabbitMQ for one run: the ones that were named, or private ones."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from launcher import docker, install, postgres, rabbitmq
from launcher.errors import LaunchError
from launcher.processes import Process
from launcher.progress import Progress


class Server(Protocol):
    """A private server, started for this run and stopped with it."""

    name: str

    @property
    def process(self) -> Process | None: ...
    @property
    def url(self) -> str: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Broker(Server, Protocol):
    @property
    def management_url(self) -> str: ...

    def rabbitmqctl(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """The command that speaks to the node that runs, and its environment."""
        ...


async def choose_postgres(
    folder: Path, secrets: Mapping[str, str], progress: Progress, tuning: Mapping[str, str]
) -> Server:
    """System binaries, else apt, else Docker, else a LaunchError that says what to install."""
    native = postgres.Postgres(folder, secrets["postgres_admin"], tuning)
    if postgres.installations():
        return native
    if await install.may_install():
        await install.install(postgres.PACKAGES, progress)
        return native
    if await docker.works():
        return docker.DockerPostgres(folder, secrets["postgres_admin"])
    raise LaunchError(_missing("PostgreSQL 14", postgres.PACKAGES, "DATABASE_URL"))


async def choose_rabbitmq(folder: Path, secrets: Mapping[str, str], progress: Progress) -> Broker:
    native = rabbitmq.RabbitMQ(folder, secrets["rabbitmq_admin"], secrets["erlang_cookie"])
    if rabbitmq.find() is not None:
        return native
    if await install.may_install():
        await install.install(rabbitmq.PACKAGES, progress)
        return native
    if await docker.works():
        return docker.DockerRabbitMQ(folder, secrets["rabbitmq_admin"])
    raise LaunchError(_missing("RabbitMQ 3.10", rabbitmq.PACKAGES, "AMQP_URL"))


def _missing(what: str, packages: Sequence[str], variable: str) -> str:
    return (
        f"{what} or later is missing, and neither apt-get (as root or with sudo) nor Docker is "
        f"here to get it. Install {' '.join(packages)}, or set {variable} to a server of yours."
    )


async def start_server(server: Server, progress: Progress) -> None:
    with progress.step(f"{server.name} is ready"):
        await server.start()


@asynccontextmanager
async def stopped_after(servers: Sequence[Server], progress: Progress) -> AsyncIterator[None]:
    """Stop the servers when the block ends, however it ends, started or not."""
    try:
        yield
    finally:
        if any(server.process is not None for server in servers):
            with progress.step("Servers stopped"):
                await asyncio.gather(*(server.stop() for server in servers))

"""The whole system: servers and jobs, gateway, services; started in this order, stopped in reverse.

The gateway starts before the services, and answers 503 until they are ready, so that it stops
after them: a stream is ended by its service, with a word on when to come back, not by a lost
connection.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from yarl import URL

from launcher import credentials, jobs
from launcher.closing import closing_message
from launcher.gateway import chosen_port, ensure_free, gateway_process
from launcher.limits import raise_file_limit
from launcher.lock import held
from launcher.paths import STATE
from launcher.postgres import DURABLE
from launcher.processes import Process, end_leftovers
from launcher.progress import Progress
from launcher.readiness import wait_for_gateway, wait_for_services
from launcher.running import RunningStack, remembered
from launcher.servers import (
    Broker,
    Server,
    choose_postgres,
    choose_rabbitmq,
    start_server,
    stopped_after,
)
from launcher.services import Service, local_sign_in, plan_services, replica_counts
from launcher.supervisor import supervised
from launcher.tokens import token_settings
from launcher.waiting import together

VHOST = "/circles"
Secrets = Mapping[str, str]


@dataclass(frozen=True)
class Prepared:
    """What the services connect to, ready for them, and the processes behind it. `broker` is None
    where it is the user's own."""

    admin_database_url: str
    databases: Mapping[str, jobs.DatabaseUrls]
    amqp_urls: Mapping[str, str]
    broker: Broker | None
    processes: Sequence[Process]


async def run_stack(progress: Progress) -> None:
    """Run Circles until cancelled. Raises LaunchError, with everything stopped again."""
    began = time.monotonic()
    port = chosen_port()
    replica_counts()
    raise_file_limit()
    with held(STATE, "Circles"):
        progress.say("Starting Circles")
        if ended := await end_leftovers(STATE):
            progress.note(f"Ended what an earlier run left behind: {', '.join(ended)}")
        ensure_free(port)
        secrets = credentials.load()
        async with _prepared(secrets, progress) as prepared:
            runtime = {service: urls.runtime for service, urls in prepared.databases.items()}
            services = plan_services(STATE, secrets, runtime, prepared.amqp_urls)
            gateway = gateway_process(STATE, port, _upstreams(services))
            async with (
                _stopped_after(progress, "Gateway stopped", [gateway]),
                _stopped_after(progress, "Services stopped", [s.process for s in services]),
            ):
                await together(*(p.start() for p in [gateway, *(s.process for s in services)]))
                await wait_for_services(services, progress)
                await wait_for_gateway(gateway, port, progress)
                everything = [*prepared.processes, gateway, *(s.process for s in services)]
                note = _note(port, prepared, services)
                async with supervised(everything, progress), remembered(note):
                    logs = {process.name: process.log for process in everything}
                    words = closing_message(
                        port,
                        logs,
                        time.monotonic() - began,
                        signs_in_by_name=local_sign_in() == "true",
                        issuer_keys=token_settings(secrets).get("TOKEN_JWKS_URL"),
                    )
                    progress.say(words)
                    try:
                        await asyncio.Event().wait()
                    finally:
                        progress.say("\nStopping Circles")


def _note(port: int, prepared: Prepared, services: Sequence[Service]) -> RunningStack:
    """What other commands need to know of this stack."""
    broker = prepared.broker
    first = {service.kind: service.process.environment for service in reversed(services)}
    return RunningStack(
        port=port,
        owner_urls={service: urls.owner for service, urls in prepared.databases.items()},
        admin_database_url=prepared.admin_database_url,
        environments=first,
        ready_urls={
            kind: [service.ready_url for service in services if service.kind == kind]
            for kind in credentials.SERVICES
        },
        management_url=None if broker is None else broker.management_url,
        rabbitmqctl=None if broker is None else broker.rabbitmqctl(),
    )


def _upstreams(services: Sequence[Service]) -> Mapping[str, Sequence[int]]:
    return {
        kind: [service.port for service in services if service.kind == kind]
        for kind in credentials.SERVICES
    }


@asynccontextmanager
async def _stopped_after(
    progress: Progress, what: str, processes: Sequence[Process]
) -> AsyncIterator[None]:
    try:
        yield
    finally:
        with progress.step(what):
            await asyncio.gather(*(process.stop() for process in processes))


@asynccontextmanager
async def _prepared(secrets: Secrets, progress: Progress) -> AsyncIterator[Prepared]:
    """Both servers, side by side, each followed at once by its jobs."""
    database, broker = None, None
    if "DATABASE_URL" not in os.environ:
        database = await choose_postgres(STATE, secrets, progress, DURABLE)
    if "AMQP_URL" not in os.environ:
        broker = await choose_rabbitmq(STATE, secrets, progress)
    own: list[Server] = [server for server in (database, broker) if server is not None]
    async with stopped_after(own, progress):
        preparing = asyncio.create_task(_databases(database, secrets, progress))
        declaring = asyncio.create_task(_amqp_urls(broker, secrets, progress))
        await together(preparing, declaring)
        processes = [server.process for server in own if server.process is not None]
        admin_url = database.url if database is not None else os.environ["DATABASE_URL"]
        yield Prepared(admin_url, preparing.result(), declaring.result(), broker, processes)


async def _databases(
    server: Server | None, secrets: Secrets, progress: Progress
) -> Mapping[str, jobs.DatabaseUrls]:
    if server is not None:
        await start_server(server, progress)
    admin_url = server.url if server is not None else os.environ["DATABASE_URL"]
    urls = {
        service: jobs.database_urls(admin_url, secrets, service) for service in credentials.SERVICES
    }
    with progress.step("Databases are migrated"):
        await jobs.prepare_databases(admin_url, urls)
    return urls


async def _amqp_urls(
    server: Broker | None, secrets: Secrets, progress: Progress
) -> Mapping[str, str]:
    if server is None:
        # A broker of the user's own, with a user and a virtual host of the user's choice.
        url = os.environ["AMQP_URL"]
        with progress.step("Queues are declared"):
            await jobs.prepare_broker(None, url, {})
        return dict.fromkeys(credentials.SERVICES, url)
    await start_server(server, progress)
    vhost = URL(server.url).with_path(VHOST)
    urls = {
        service: str(vhost.with_user(service).with_password(secrets[f"rabbitmq_{service}"]))
        for service in credentials.SERVICES
    }
    with progress.step("Queues are declared"):
        await jobs.prepare_broker(server.management_url, str(vhost), urls)
    return urls

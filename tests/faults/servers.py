"""PostgreSQL and RabbitMQ of a run's own, which it may break as it likes."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aio_pika
import asyncpg
from yarl import URL

from launcher import credentials, jobs, rabbitmq
from launcher.errors import LaunchError
from launcher.postgres import Postgres
from launcher.progress import Progress
from launcher.rabbitmq import RabbitMQ
from launcher.servers import choose_postgres, choose_rabbitmq, start_server, stopped_after
from launcher.stack import VHOST
from launcher.waiting import together
from shared.postgres.migrate import migrate
from shared.postgres.pool import OwnConnection
from shared.postgres.provision import provision_database
from shared.rabbitmq.topology import SERVICE_QUEUES

# What is killed here is a process, not the machine: the system's cache outlives it, and commits
# that reached the cache must too.
_SURVIVES_A_KILL = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "2GB"}
SERVICES = credentials.SERVICES


@dataclass(frozen=True)
class Servers:
    """Both servers, provisioned. Addresses stay the same when a server is restarted."""

    postgres: Postgres
    rabbitmq: RabbitMQ
    databases: Mapping[str, jobs.DatabaseUrls]
    amqp_urls: Mapping[str, str]

    @property
    def admin_amqp_url(self) -> str:
        return str(URL(self.rabbitmq.url).with_path(VHOST))

    @asynccontextmanager
    async def connected(self, service: str) -> AsyncIterator[OwnConnection]:
        """A connection that may read everything in the service's database."""
        connection = await asyncpg.connect(self.databases[service].owner, timeout=10)
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[OwnConnection]:
        """A connection that sees the sessions of everybody."""
        admin = await asyncpg.connect(self.postgres.url, timeout=10)
        try:
            yield admin
        finally:
            await admin.close()

    async def kill_broker(self) -> None:
        """As by `kill -9`; nothing starts it again."""
        assert self.rabbitmq.process is not None
        os.kill(self.rabbitmq.process.pid, signal.SIGKILL)
        await self.rabbitmq.process.wait()

    async def start_broker(self) -> None:
        """Start it again, on the same ports and data; returns once it answers."""
        assert self.rabbitmq.process is not None
        await self.rabbitmq.process.start()
        await self.rabbitmq.ready()

    async def restart_postgres(self) -> None:
        """An immediate shutdown, as after a failure, and a start that has to recover."""
        process = self.postgres.process
        assert process is not None
        os.kill(process.pid, signal.SIGQUIT)
        await process.wait()
        await process.start()
        await self.postgres.ready()

    async def drop_sessions(self) -> int:
        """End every session of the services; how many there were."""
        roles = [URL(urls.runtime).user for urls in self.databases.values()]
        async with self.watching() as admin:
            return len(
                await admin.fetch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = ANY($1::text[])",
                    roles,
                )
            )

    async def broker_command(self, *arguments: str) -> str:
        """`rabbitmqctl` on our node; its output. Raises LaunchError."""
        process, script = self.rabbitmq.process, rabbitmq.find()
        assert process is not None and script is not None
        command = await asyncio.create_subprocess_exec(
            *(str(script.with_name("rabbitmqctl")), "--quiet", *arguments),
            env=dict(process.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await command.communicate()
        if command.returncode != 0:
            raise LaunchError(f"rabbitmqctl {arguments[0]} failed: {output.decode()[-300:]}")
        return output.decode()

    async def waiting(self) -> Mapping[str, int]:
        """How many events are ready in each queue, the parked ones too."""
        names = [n for q in SERVICE_QUEUES.values() for n in (q.name, q.parked)]
        async with await aio_pika.connect(self.admin_amqp_url, timeout=10) as connection:
            channel = await connection.channel()
            queues = [await channel.declare_queue(name, passive=True) for name in names]
            return {queue.name: queue.declaration_result.message_count or 0 for queue in queues}

    async def take_parked(self, service: str) -> list[dict[str, Any]]:
        """Take every parked event out; the headers of each, and its bytes as `body`."""
        taken: list[dict[str, Any]] = []
        async with await aio_pika.connect(self.admin_amqp_url, timeout=10) as connection:
            queue = await (await connection.channel()).get_queue(
                SERVICE_QUEUES[service].parked, ensure=False
            )
            while (message := await queue.get(no_ack=True, fail=False)) is not None:
                taken.append({**message.headers, "body": message.body})
        return taken


@asynccontextmanager
async def own_servers(folder: Path, source: Path, progress: Progress) -> AsyncIterator[Servers]:
    """Started on empty data, migrated by the files of `source`. Raises LaunchError."""
    secrets = credentials.load(folder)
    database = await choose_postgres(folder, secrets, progress, _SURVIVES_A_KILL)
    broker = await choose_rabbitmq(folder, secrets, progress)
    if not isinstance(database, Postgres) or not isinstance(broker, RabbitMQ):
        raise LaunchError("Faults need servers that can be killed. Install those of the README.")
    async with stopped_after((database, broker), progress):
        await together(start_server(database, progress), start_server(broker, progress))
        urls = {s: jobs.database_urls(database.url, secrets, s) for s in SERVICES}
        for service, url in urls.items():
            await provision_database(database.url, url.owner, url.runtime)
            own = source / "services" / service / "migrations"
            await migrate(url.owner, [source / "shared/outbox/migrations", own])
        vhost = URL(broker.url).with_path(VHOST)
        amqp = {
            s: str(vhost.with_user(s).with_password(secrets[f"rabbitmq_{s}"])) for s in SERVICES
        }
        await jobs.prepare_broker(broker.management_url, str(vhost), amqp)
        yield Servers(database, broker, urls, amqp)


def decoded(body: bytes) -> Any:
    return json.loads(body)

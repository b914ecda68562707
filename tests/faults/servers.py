"""PostgreSQL and RabbitMQ of a run's own, and how to break them."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aio_pika
import asyncpg
from yarl import URL

from launcher import credentials, jobs, rabbitmq
from launcher.errors import LaunchError
from launcher.postgres import Postgres
from launcher.processes import Process
from launcher.rabbitmq import RabbitMQ
from shared.postgres.pool import OwnConnection
from shared.rabbitmq.topology import SERVICE_QUEUES
from tests.faults.disks import Disk

SERVICES = credentials.SERVICES


@dataclass(frozen=True)
class Servers:
    """Both servers, provisioned. Addresses stay the same when a server is restarted; nodes of
    RabbitMQ go by their places in `brokers`. `disks` are small
    ones, where the layout has them."""

    postgres: Postgres
    brokers: Sequence[RabbitMQ]
    databases: Mapping[str, jobs.DatabaseUrls]
    amqp_urls: Mapping[str, str]
    admin_amqp_url: str
    disks: Mapping[str, Disk]

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

    async def kill_broker(self, node: int = 0) -> None:
        """As by `kill -9`; nothing starts it again."""
        process = self.broker_process(node)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()

    async def start_broker(self, node: int = 0) -> None:
        """Start it again, on the same ports and data; returns once it answers."""
        await self.broker_process(node).start()
        await self.brokers[node].ready()

    def broker_process(self, node: int = 0) -> Process:
        process = self.brokers[node].process
        assert process is not None, "a fault comes after the start"
        return process

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

    async def broker_command(self, *arguments: str, node: int = 0) -> str:
        """`rabbitmqctl` on a node of ours; its output. Raises LaunchError."""
        process, script = self.broker_process(node), rabbitmq.find()
        assert script is not None, "a fault comes after the start"
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


def decoded(body: bytes) -> Any:
    return json.loads(body)

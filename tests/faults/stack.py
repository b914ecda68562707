"""The whole system as processes: two of groups and chat, three notifiers, behind the gateway."""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import aiohttp

from launcher import credentials
from launcher.gateway import gateway_process
from launcher.limits import raise_file_limit
from launcher.lock import held
from launcher.paths import STATE
from launcher.ports import free_port
from launcher.processes import Process, end_leftovers
from launcher.progress import Progress
from launcher.readiness import wait_for_gateway, wait_for_services
from launcher.services import Service, plan_services
from launcher.waiting import together, until
from tests.faults.disks import clear
from tests.faults.layouts import Layout, own_servers
from tests.faults.servers import SERVICES, Servers
from tests.fixtures.tokens import AUDIENCE, ISSUER, SECRET, bearer

_ENVIRONMENT = {
    "TOKEN_SECRET": SECRET,
    "TOKEN_ISSUER": ISSUER,
    "TOKEN_AUDIENCE": AUDIENCE,
    "GROUPS_REPLICAS": "2",
    "CHAT_REPLICAS": "2",
    "REPLICAS": "3",
    "CIRCLES_BIND": "127.0.0.1",
    "HEARTBEAT_SECONDS": "3",
    "RATE_CALLS_PER_SECOND": "100000",
    "RATE_CALLS_BURST": "1000000",
    "RATE_MESSAGES_PER_SECOND": "100000",
    "RATE_MESSAGES_BURST": "1000000",
    "DRAIN_SECONDS": "1",
}
# What only the replica at work counts up, by the kind of its work.
CONSUMING = "circles_events_handled_total"
RELAYING = "circles_outbox_published_total"
_ELECTION_SECONDS = 15.0
_SPREAD_SECONDS = 20.0


@dataclass(frozen=True)
class Stack:
    """`url` is the gateway's; replicas go by their names, `groups-1` to `notifier-3`."""

    url: str
    services: Mapping[str, Service]
    gateway: Process
    servers: Servers
    folder: Path

    def of(self, kind: str) -> list[str]:
        """The names of the replicas of a service."""
        return [name for name, service in self.services.items() if service.kind == kind]

    def process(self, name: str) -> Process:
        return self.gateway if name == "gateway" else self.services[name].process

    def signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.process(name).pid, number)

    async def kill(self, *names: str) -> None:
        """As `kill -9` does, or the kernel when memory is short."""
        for name in names:
            self.signal(name, signal.SIGKILL)
        await asyncio.gather(*(self.process(name).wait() for name in names))

    async def start(self, *names: str) -> None:
        """Start them; returns once they are ready. Raises LaunchError."""
        await together(*(self.process(name).start() for name in names))
        services = [self.services[name] for name in names if name != "gateway"]
        await wait_for_services(services, Progress(quiet=True))

    async def restart(self, name: str) -> None:
        """As a deploy does: the service may finish what it is at."""
        await self.process(name).stop()
        await self.start(name)

    async def healed(self) -> None:
        """Start what is down; returns once the gateway finds everything ready."""
        await self.start(*(n for n in (*self.services, "gateway") if not self.process(n).alive))
        port = int(self.url.rpartition(":")[2])
        await wait_for_gateway(self.gateway, port, Progress(quiet=True))

    async def spreads(self) -> None:
        """Return once new streams come to every notifier: the gateway may still take one that was
        down for dead, and then all of a scenario's streams would stay with the others. Raises
        TimeoutError."""
        names = self.of("notifier")
        async with asyncio.timeout(_SPREAD_SECONDS), aiohttp.ClientSession(self.url) as http:

            async def come_to_all() -> bool:
                async with AsyncExitStack() as open_ones:
                    for _ in names:
                        stream = http.get("/v1/sse/stream", headers=bearer("f-probe"))
                        await open_ones.enter_async_context(stream)
                    return all([await self._streams(http, name) for name in names])

            await until(come_to_all, pause=0.1)

    async def _streams(self, http: aiohttp.ClientSession, name: str) -> float:
        async with http.get(self.own_url(name) + "/metrics") as answer:
            found = re.findall(r"^circles_open_streams\S* (\S+)", await answer.text(), re.MULTILINE)
        return sum(map(float, found))

    async def arm(self, kind: str, failpoints: str) -> str:
        """Put one replica of `kind` to work, consuming and relaying, with these failpoints; its
        name. When it is started the next time it has none."""
        first, *others = self.of(kind)
        process = self.process(first)
        plain = process.environment
        # The broker and the lock choose whoever comes first: that must be the armed one.
        await self.kill(first, *others)
        process.environment = {**plain, "FAILPOINTS": failpoints}
        try:
            await process.start()
        finally:
            process.environment = plain
        await wait_for_services([self.services[first]], Progress(quiet=True))
        await self.healed()
        return first

    async def at_work(self, kind: str, counter: str) -> str:
        """The replica of `kind` whose `counter` rises under traffic. Raises TimeoutError."""
        before: dict[str, float] = {}
        rising: list[str] = []
        async with asyncio.timeout(_ELECTION_SECONDS), aiohttp.ClientSession() as http:

            async def one_rises() -> bool:
                for name in self.of(kind):
                    async with http.get(self.own_url(name) + "/metrics") as answer:
                        found = re.search(rf"^{counter} (\S+)", await answer.text(), re.MULTILINE)
                    count = float(found[1]) if found else 0.0
                    if count > before.setdefault(name, count):
                        rising.append(name)
                return bool(rising)

            await until(one_rises, pause=0.1)
        return rising[0]

    async def operate(self, kind: str, *arguments: str) -> str:
        """Run an operator's command of a service, with the environment that it has; what it said.
        Nothing is left of it when the caller waits no longer."""
        process = self.process(self.of(kind)[0])
        command = await asyncio.create_subprocess_exec(
            *(*process.command, *arguments),
            cwd=process.source,
            env=dict(process.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await command.communicate()
        finally:
            if command.returncode is None:
                command.kill()
        return output.decode()

    def own_url(self, name: str) -> str:
        """A replica's own address, past the gateway."""
        return f"http://127.0.0.1:{self.services[name].port}"


@asynccontextmanager
async def running_stack(
    source: Path, progress: Progress, layout: Layout = Layout.SINGLE
) -> AsyncIterator[Stack]:
    """Running and ready, on servers of its own, with the services of `source`.

    Raises LaunchError.
    """
    folder = STATE / "faults"
    raise_file_limit()
    async with AsyncExitStack() as cleanup:
        cleanup.enter_context(held(folder, "A run of faults"))
        for left in (folder, *(folder / "cluster").glob("*")):
            await end_leftovers(left)
        for disk in (folder / "disks").glob("*"):
            clear(disk)
        for data in ("postgres", "rabbitmq", "cluster", "logs"):
            shutil.rmtree(folder / data, ignore_errors=True)
        servers = await cleanup.enter_async_context(own_servers(folder, source, layout, progress))
        services, gateway, port = _planned(folder, source, servers)
        by_name = {service.process.name: service for service in services}
        stack = Stack(f"http://127.0.0.1:{port}", by_name, gateway, servers, folder)
        # Undone in reverse: the gateway stops last, so that services end their streams.
        cleanup.push_async_callback(gateway.stop)
        cleanup.push_async_callback(_stop, services)
        with progress.step("Services and gateway are ready"):
            await gateway.start()
            await stack.healed()
        yield stack


async def _stop(services: list[Service]) -> None:
    await asyncio.gather(*(service.process.stop() for service in services))


def _planned(folder: Path, source: Path, servers: Servers) -> tuple[list[Service], Process, int]:
    with patch.dict(os.environ, _ENVIRONMENT):
        runtime = {service: urls.runtime for service, urls in servers.databases.items()}
        planned = plan_services(folder, credentials.load(folder), runtime, servers.amqp_urls)
        ports = {kind: [s.port for s in planned if s.kind == kind] for kind in SERVICES}
        port = free_port()
        gateway = gateway_process(folder, port, ports)
    services = [replace(s, process=replace(s.process, source=source)) for s in planned]
    return services, gateway, port

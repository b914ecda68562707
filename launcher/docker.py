"""PostgreSQL and RabbitMQ in containers, for machines that have Docker and no apt."""

import asyncio
import hashlib
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
import asyncpg

from launcher.errors import LaunchError
from launcher.ports import free_port
from launcher.processes import Process

START_SECONDS = 300.0


async def works() -> bool:
    """Whether there is a daemon behind the command; a `docker` on PATH alone says nothing."""
    if shutil.which("docker") is None:
        return False
    probe = await asyncio.create_subprocess_exec(
        *("docker", "info"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        return await asyncio.wait_for(probe.wait(), 20) == 0
    except TimeoutError:
        probe.kill()
        return False


class _Container(ABC):
    """A container in the foreground: its process is the `docker run` that carries it."""

    name = ""
    image = ""

    def __init__(self, folder: Path, password: str) -> None:
        self._folder = folder
        self._password = password
        self.process: Process | None = None

    async def _run(
        self, short: str, ports: Mapping[int, int], environment: Mapping[str, str], data: str
    ) -> None:
        own = self._own(short)
        await _quietly("docker", "rm", "--force", own)
        command = ["docker", "run", "--rm", "--name", own, "--hostname", "circles"]
        command += ["--volume", f"{own}:{data}"]
        for inside, outside in ports.items():
            command += ["--publish", f"127.0.0.1:{outside}:{inside}"]
        for name in environment:
            # The value comes from our environment: arguments are readable by everyone.
            command += ["--env", name]
        self.process = Process(
            short,
            [*command, self.image],
            self._folder,
            {**os.environ, **environment},
            grace_seconds=20.0,
        )
        await self.process.start()
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while not await self._answers():
            if not self.process.alive or asyncio.get_running_loop().time() > deadline:
                words = self.process.last_words()
                raise LaunchError(f"{self.name} did not start in Docker: {words}. See its log.")
            await asyncio.sleep(0.3)

    def _own(self, short: str) -> str:
        """Named after the checkout: data belong to it, and a container left behind can be found."""
        return f"circles-{hashlib.sha256(str(self._folder).encode()).hexdigest()[:10]}-{short}"

    @abstractmethod
    async def _answers(self) -> bool:
        """Whether the server takes requests by now."""

    async def stop(self) -> None:
        if self.process is not None:
            await self.process.stop()


class DockerPostgres(_Container):
    name = "PostgreSQL (Docker)"
    image = "postgres:16"
    _port = 0

    @property
    def url(self) -> str:
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self._port}/postgres"

    async def start(self) -> None:
        self._port = free_port()
        environment = {"POSTGRES_PASSWORD": self._password}
        await self._run("postgres", {5432: self._port}, environment, "/var/lib/postgresql/data")

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url, timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True


class DockerRabbitMQ(_Container):
    name = "RabbitMQ (Docker)"
    image = "rabbitmq:4-management"
    _port = 0
    _management_port = 0

    @property
    def url(self) -> str:
        return f"amqp://admin:{self._password}@127.0.0.1:{self._port}/"

    @property
    def management_url(self) -> str:
        return f"http://admin:{self._password}@127.0.0.1:{self._management_port}"

    def rabbitmqctl(self) -> tuple[Sequence[str], Mapping[str, str]]:
        return ["docker", "exec", self._own("rabbitmq"), "rabbitmqctl"], os.environ

    async def start(self) -> None:
        self._port, self._management_port = free_port(), free_port()
        ports = {5672: self._port, 15672: self._management_port}
        environment = {
            "RABBITMQ_DEFAULT_USER": "admin",
            "RABBITMQ_DEFAULT_PASS": self._password,
            "RABBITMQ_NODENAME": "circles@localhost",
        }
        await self._run("rabbitmq", ports, environment, "/var/lib/rabbitmq")

    async def _answers(self) -> bool:
        url = f"http://127.0.0.1:{self._management_port}/api/whoami"
        admin = {"Authorization": aiohttp.encode_basic_auth("admin", self._password)}
        try:
            async with aiohttp.ClientSession() as http, http.get(url, headers=admin) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


async def _quietly(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await process.wait()

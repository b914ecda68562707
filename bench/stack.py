"""Circles as `make run` starts it, with data, ports and secrets of the benchmark's own.

fsync is on, receipts are on, and everything goes through the gateway. Only the rate limits are out
of the way: they are there to be hit by single users, and here a few users stand for many.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import asyncpg
from yarl import URL

from bench.building import HOME
from bench.machine import cpu_seconds, resident
from launcher.errors import LaunchError
from launcher.tokens import make_token, token_settings
from launcher.waiting import until

STATE = HOME / "circles"
TOKEN_SECONDS = 7200
PARTS = ("groups-1", "chat-1", "notifier-1", "gateway", "postgres", "rabbitmq")


@dataclass(frozen=True)
class Stack:
    """A running system; `port` is the gateway's."""

    port: int
    secrets: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, user: str) -> str:
        return make_token(token_settings(self.secrets), user, user, TOKEN_SECONDS)

    def pid(self, part: str) -> int:
        """Of a part's process, as it is now."""
        return int(json.loads((STATE / "pids" / f"{part}.json").read_text())["pid"])

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU so far, by part."""
        return {part: cpu_seconds([self.pid(part)]) for part in PARTS}

    def memory(self, part: str) -> int:
        return resident([self.pid(part)])

    def signal(self, part: str, number: signal.Signals) -> None:
        os.kill(self.pid(part), number)

    @property
    def admin_amqp_url(self) -> str:
        """The broker, as its administrator."""
        said = json.loads((STATE / "running.json").read_text())
        url = URL(said["environments"]["chat"]["AMQP_URL"])
        return str(url.with_user("admin").with_password(self.secrets["rabbitmq_admin"]))

    async def group(self, creator: str, members: Sequence[str]) -> str:
        """A new group's id; its members are those and the creator."""
        body = {"name": "Benchmark", "memberIds": list(members), "settings": {"maxMembers": 1024}}
        head = {"Authorization": f"Bearer {self.token(creator)}"}
        async with (
            aiohttp.ClientSession(raise_for_status=True) as http,
            http.post(f"{self.url}/v1/groups", json=body, headers=head) as answer,
        ):
            return str((await answer.json())["id"])

    async def groups(self, people: Sequence[Sequence[str]]) -> list[str]:
        """A group for each list of people, its first the creator."""
        turns = asyncio.Semaphore(8)

        async def one(members: Sequence[str]) -> str:
            async with turns:
                return await self.group(members[0], members[1:])

        return list(await asyncio.gather(*(one(members) for members in people)))

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection to a service's database, as its owner."""
        said = json.loads((STATE / "running.json").read_text())
        connection = await asyncpg.connect(said["owner_urls"][service], timeout=10)
        try:
            yield connection
        finally:
            await connection.close()

    async def settled(self, seconds: float = 30.0) -> None:
        """Return once outboxes are published and nothing is left to be told. Raises LaunchError."""

        async def quiet() -> bool:
            for service in ("groups", "chat", "notifier"):
                async with self.database(service) as connection:
                    if await connection.fetchval(
                        "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)"
                    ):
                        return False
            before = self.cpu()["notifier-1"]
            await asyncio.sleep(0.5)
            return self.cpu()["notifier-1"] - before < 0.1

        try:
            async with asyncio.timeout(seconds):
                await until(quiet)
        except TimeoutError:
            raise LaunchError("Circles did not come to rest after a workload") from None

    async def vacuum(self) -> None:
        """As autovacuum would in time: rows left behind must not slow down the next workload."""
        for service in ("chat", "notifier"):
            async with self.database(service) as connection:
                await connection.execute("VACUUM ANALYZE")

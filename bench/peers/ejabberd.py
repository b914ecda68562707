"""ejabberd: rooms whose members are all online, archived (MAM) in a PostgreSQL of its own.

Presence between members is off, as groups here have none; accounts are made in the table, since
registering is not what is measured.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from yarl import URL

from bench.generator import Generator, Sender, Stream
from bench.machine import cpu_seconds
from bench.peers.xmpp import PASSWORD, handshake, message
from bench.systems import at_rest
from launcher.errors import LaunchError
from launcher.postgres import Postgres
from launcher.processes import Process


@dataclass(frozen=True)
class Ejabberd:
    """The running system."""

    process: Process
    database: Postgres
    port: int
    # Whether members subscribe, and each has the message in an archive of their own.
    per_member: bool = False
    name: str = "ejabberd"
    largest: int = 1000
    pace: float = 1.0

    def cpu(self) -> dict[str, float]:
        assert self.database.process is not None
        return {
            "ejabberd": cpu_seconds([self.process.pid]),
            "postgres": cpu_seconds([self.database.process.pid]),
        }

    async def gather(self, generator: Generator, groups: int, size: int) -> None:
        run = f"{time.time_ns() // 1_000_000:x}"
        people = [[f"u{run}-{g}-{m}" for m in range(size)] for g in range(groups)]
        async with self._connected() as connection:
            await connection.execute(
                "INSERT INTO users (username, password) SELECT unnest($1::text[]), $2",
                [user for members in people for user in members],
                PASSWORD,
            )
        rooms = [f"r{run}-{g}@conference.localhost" for g in range(groups)]
        # Those who post come first: they make the rooms.
        streams = [self._stream(members[0], rooms[g], g, False) for g, members in enumerate(people)]
        streams += [
            self._stream(user, rooms[g], g, self.per_member)
            for g, members in enumerate(people)
            for user in members[1:]
        ]
        senders = [Sender(message(room), g, via=g) for g, room in enumerate(rooms)]
        await generator.define(streams, senders)
        await generator.ask(f"delimiter {ord('>')}")
        opened = [await generator.open(0, groups, 8)]
        opened.append(await generator.open(groups, len(streams) - groups, 32))
        if failed := sum(one.failed for one in opened):
            raise LaunchError(f"{failed} of {len(streams)} could not enter their rooms")
        await self.settled()

    def _stream(self, user: str, room: str, group: int, subscribes: bool) -> Stream:
        return Stream(self.port, handshake(user, room, subscribes), group)

    async def settled(self) -> None:
        """A message is archived before it is told: nothing is left once CPU is idle."""
        await at_rest(lambda: self.cpu()["ejabberd"], 0.1)

    async def vacuum(self) -> None:
        async with self._connected() as connection:
            await connection.execute("VACUUM ANALYZE")

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        url = str(URL(self.database.url).with_path("/ejabberd"))
        connection = await asyncpg.connect(url, timeout=10)
        try:
            yield connection
        finally:
            await connection.close()

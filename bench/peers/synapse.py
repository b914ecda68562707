"""Synapse: rooms on a PostgreSQL of its own, whose members sync by long poll.

Accounts and memberships are made through its API, which takes long: there are fewer groups than for
the others. In a group of a hundred it held no rate, not even a message a second, on two cores.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
import asyncpg
from yarl import URL

from bench.generator import MARK, Generator, Sender, Stream
from bench.machine import cpu_seconds
from bench.systems import at_rest
from launcher.errors import LaunchError
from launcher.postgres import Postgres
from launcher.processes import Process

MOST_GROUPS = 10
CONNECTIONS = 16
# Beyond it a sync leaves events out, and the client would have to ask for them.
TIMELINE = 5000
_FILTER = json.dumps({"room": {"timeline": {"limit": TIMELINE}}}, separators=(",", ":"))
_CONTENT = json.dumps(
    {"msgtype": "m.text", "body": f"All of this is said only to have a certain length. {MARK}"}
)


@dataclass(frozen=True)
class Synapse:
    """The running system."""

    process: Process
    database: Postgres
    port: int
    secret: str
    name: str = "Synapse"
    largest: int = 2
    pace: float = 0.1

    def cpu(self) -> dict[str, float]:
        assert self.database.process is not None
        return {
            "synapse": cpu_seconds([self.process.pid]),
            "postgres": cpu_seconds([self.database.process.pid]),
        }

    async def gather(self, generator: Generator, groups: int, size: int) -> None:
        run = f"{time.time_ns() // 1_000_000:x}"
        groups = min(groups, MOST_GROUPS if size == 2 else 1)
        streams, senders = [], []
        # No limit on the time of a call: joining a large room takes long.
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.port}") as http:
            for group in range(groups):
                tokens = [await self._register(http, f"u{run}-{group}-{m}") for m in range(size)]
                room = await self._room(http, tokens)
                streams += [self._stream(token, group) for token in tokens]
                senders.append(Sender(_put(room, tokens[0]), group))
        await generator.define(streams, senders)
        await generator.pool(self.port, CONNECTIONS, 1)
        opened = await generator.open(0, len(streams), 4)
        if opened.failed:
            raise LaunchError(f"{opened.failed} of {len(streams)} could not sync with Synapse")
        await self.settled()

    async def _register(self, http: aiohttp.ClientSession, user: str) -> str:
        """The access token of a new account."""
        address = "/_synapse/admin/v1/register"
        nonce = (await _json(http.get(address)))["nonce"]
        parts = (nonce, user, "benchmark", "notadmin")
        mac = hmac.new(self.secret.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
        said = {"nonce": nonce, "username": user, "password": "benchmark", "admin": False}
        return str((await _json(http.post(address, json={**said, "mac": mac})))["access_token"])

    async def _room(self, http: aiohttp.ClientSession, tokens: list[str]) -> str:
        """A room that all of them are in."""
        own = {"Authorization": f"Bearer {tokens[0]}"}
        made = http.post("/_matrix/client/v3/createRoom", json=_PUBLIC, headers=own)
        room = str((await _json(made))["room_id"])
        for token in tokens[1:]:
            head = {"Authorization": f"Bearer {token}"}
            await _json(http.post(f"/_matrix/client/v3/join/{room}", json={}, headers=head))
        return room

    def _stream(self, token: str, group: int) -> Stream:
        address = f"/_matrix/client/v3/sync?filter={quote(_FILTER)}"
        head = f" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        talk = [
            (f"GET {address}&timeout=0{head}", "\r\n\r\n"),
            (f"GET {address}&timeout=30000&since={{next_batch}}{head}", ""),
        ]
        return Stream(self.port, talk, group, "p")

    async def settled(self) -> None:
        """An event is stored before it is told: nothing is left once CPU is idle."""
        await at_rest(lambda: self.cpu()["synapse"], 0.2)

    async def vacuum(self) -> None:
        url = str(URL(self.database.url).with_path("/synapse"))
        connection = await asyncpg.connect(url, timeout=10)
        try:
            await connection.execute("VACUUM ANALYZE")
        finally:
            await connection.close()


_PUBLIC = {"preset": "public_chat", "name": "Benchmark"}


async def _json(call: Any) -> dict[str, Any]:
    async with call as answer:
        said: dict[str, Any] = await answer.json()
        if answer.status != 200:
            raise LaunchError(f"Synapse refused a call: {answer.status} {said}")
    return said


def _put(room: str, token: str) -> str:
    # A transaction's id must be new each time: the generator writes the mark's numbers there too.
    address = f"/_matrix/client/v3/rooms/{room}/send/m.room.message/{MARK.strip('~')}"
    return (
        f"PUT {address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(_CONTENT)}\r\n\r\n{_CONTENT}"
    )

"""ejabberd: rooms whose members are all online, archived (MAM) in a PostgreSQL of its own.

Presence between members is off, as groups here have none; accounts are made in the table, since
registering is not what is measured.
"""

import base64
import os
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from yarl import URL

from bench.building import HOME
from bench.context import Context, listening
from bench.generator import MARK, Generator, Sender, Stream
from bench.machine import cpu_seconds
from bench.peers import installing
from launcher import credentials
from launcher.errors import LaunchError
from launcher.ports import free_port
from launcher.postgres import Postgres
from launcher.processes import Process
from launcher.waiting import until

FOLDER = HOME / "ejabberd"
PACKAGES = ("ejabberd", "erlang-p1-pgsql")
_SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
_LIBRARIES = "/usr/lib/x86_64-linux-gnu"
_PASSWORD = "benchmark"
SETTLE_SECONDS = 60.0

_CONFIG = """\
hosts: [localhost]
loglevel: error
listen:
  - {{port: {port}, ip: "127.0.0.1", module: ejabberd_c2s, backlog: 4096}}
auth_method: [sql]
auth_password_format: plain
default_db: sql
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: {sql_port}
sql_database: ejabberd
sql_username: postgres
sql_password: "{sql_password}"
sql_pool_size: 10
shaper_rules: {{}}
modules:
  mod_mam: {{default: always}}
  mod_muc:
    max_users: 2000
    history_size: 0
    default_room_options:
      mam: true
      persistent: true
      max_users: 2000
      presence_broadcast: []
      allow_subscription: true
"""
_STREAM = (
    "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
)
_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
_BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
_EVENT = "<event node='urn:xmpp:mucsub:nodes:messages'/>"
_MUC = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"


@dataclass(frozen=True)
class Ejabberd:
    """The running system."""

    process: Process
    database: Postgres
    port: int
    # Whether members subscribe, and each has the message in an archive of their own.
    per_member: bool = False
    name: str = "ejabberd"

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
                _PASSWORD,
            )
        rooms = [f"r{run}-{g}@conference.localhost" for g in range(groups)]
        # Those who post come first: they make the rooms.
        streams = [self._stream(members[0], rooms[g], g, False) for g, members in enumerate(people)]
        streams += [
            self._stream(user, rooms[g], g, self.per_member)
            for g, members in enumerate(people)
            for user in members[1:]
        ]
        senders = [Sender(_message(room), g, via=g) for g, room in enumerate(rooms)]
        await generator.define(streams, senders)
        await generator.ask(f"delimiter {ord('>')}")
        opened = [await generator.open(0, groups, 8)]
        opened.append(await generator.open(groups, len(streams) - groups, 32))
        if failed := sum(one.failed for one in opened):
            raise LaunchError(f"{failed} of {len(streams)} could not enter their rooms")
        await self.settled()

    def _stream(self, user: str, room: str, group: int, subscribes: bool) -> Stream:
        return Stream(self.port, _handshake(user, room, subscribes), group)

    async def settled(self) -> None:
        """A message is archived before it is told: nothing is left once CPU is idle."""
        before = self.cpu()["ejabberd"]

        async def idle() -> bool:
            nonlocal before
            last, before = before, self.cpu()["ejabberd"]
            return before - last < 0.05

        await until(idle, pause=0.5)

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


def _handshake(user: str, room: str, subscribes: bool) -> Sequence[tuple[str, str]]:
    secret = base64.b64encode(f"\0{user}\0{_PASSWORD}".encode()).decode()
    login = (
        (_STREAM, "</stream:features>"),
        (f"<auth xmlns='{_SASL}' mechanism='PLAIN'>{secret}</auth>", f"<success xmlns='{_SASL}'/>"),
        (_STREAM, "</stream:features>"),
        (f"<iq type='set' id='b'>{_BIND}</iq>", "</iq>"),
    )
    if not subscribes:
        return (*login, (f"<presence to='{room}/{user}'>{_MUC}</presence>", "code='110'"))
    subscribe = f"<subscribe xmlns='urn:xmpp:mucsub:0' nick='{user}'>{_EVENT}</subscribe>"
    iq = f"<iq type='set' id='s' to='{room}'>{subscribe}</iq>"
    return (*login, ("<presence/>", "<presence"), (iq, "type='result'"))


def _message(room: str) -> str:
    text = f"All of this is said only to have a certain length. {MARK}"
    return f"<message type='groupchat' to='{room}'><body>{text}</body></message>"


@asynccontextmanager
async def running_ejabberd(context: Context) -> AsyncIterator[Ejabberd]:
    """Running on a database of its own. Raises LaunchError when it can't be had."""
    if not _is_installed():
        await installing.with_apt(PACKAGES, context.progress)
    # What an earlier run stored is of no use: rooms would be loaded again.
    shutil.rmtree(FOLDER / "mnesia", ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    database = Postgres(FOLDER, credentials.load(FOLDER)["postgres_admin"])
    try:
        await database.start()
        await _prepare(database)
        port = free_port()
        config = FOLDER / "ejabberd.yml"
        config.touch(mode=0o600)
        password = URL(database.url).password
        config.write_text(_CONFIG.format(port=port, sql_port=database.port, sql_password=password))
        process = Process("ejabberd", _command(), FOLDER, _environment(config))
        try:
            with context.progress.step("ejabberd is ready"):
                await process.start()
                await listening(process, port, 60.0)
            yield Ejabberd(process, database, port)
        finally:
            await process.stop()
    finally:
        await database.stop()


def _is_installed() -> bool:
    return _SCHEMA.exists() and any(Path("/usr/lib/erlang/lib").glob("p1_pgsql-*"))


def _schema() -> str:
    return _SCHEMA.read_text()


def _command() -> Sequence[str]:
    erl = shutil.which("erl") or "erl"
    options = ("+K", "true", "+P", "250000", "+sbwt", "none", "+sbwtdcpu", "none")
    # No name: it needs no other node, and so no name server that would outlive it.
    return (erl, *options, "-noinput", "-mnesia", "dir", f'"{FOLDER}/mnesia"', "-s", "ejabberd")


def _environment(config: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(FOLDER),
        "ERL_LIBS": _LIBRARIES,
        "ERL_MAX_PORTS": str(installing.open_files()),
        "EJABBERD_CONFIG_PATH": str(config),
        "EJABBERD_LOG_PATH": str(FOLDER / "logs" / "ejabberd-own.log"),
    }


async def _prepare(database: Postgres) -> None:
    admin = await asyncpg.connect(database.url, timeout=10)
    try:
        await admin.execute("DROP DATABASE IF EXISTS ejabberd")
        await admin.execute("CREATE DATABASE ejabberd")
    finally:
        await admin.close()
    own = await asyncpg.connect(str(URL(database.url).with_path("/ejabberd")), timeout=10)
    try:
        await own.execute(_schema())
    finally:
        await own.close()

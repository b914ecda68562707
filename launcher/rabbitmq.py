"""A private RabbitMQ node: its own name server, ports, cookie and data; on 127.0.0.1 only."""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

from launcher.errors import LaunchError
from launcher.paths import shown
from launcher.ports import free_port
from launcher.processes import Process
from launcher.waiting import until

OLDEST = (3, 10)
PACKAGES = ("rabbitmq-server",)
START_SECONDS = 180.0
NODE = "circles@localhost"

_CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{port}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management_port}
# The API is for provisioning; collecting statistics would cost more than the messages.
management_agent.disable_metrics_collector = true
default_user = admin
default_pass = {password}
default_user_tags.administrator = true
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
log.file = false
log.console = true
log.console.level = info
"""


def find() -> Path | None:
    """The start script itself: Debian's wrapper in /usr/sbin insists on root or its own user."""
    packaged = Path("/usr/lib/rabbitmq")
    candidates = [packaged / "bin/rabbitmq-server"]
    candidates += sorted(packaged.glob("lib/rabbitmq_server-*/sbin/rabbitmq-server"))
    if on_path := shutil.which("rabbitmq-server"):
        candidates.append(Path(on_path))
    return next((path for path in candidates if path.exists() and _recent(path)), None)


def _recent(script: Path) -> bool:
    """Its version stands in the folder's name; where it doesn't, let the node speak for itself."""
    for part in script.resolve().parts:
        if part.startswith("rabbitmq_server-"):
            numbers = part.removeprefix("rabbitmq_server-").split(".")
            return (int(numbers[0]), int(numbers[1])) >= OLDEST
    return True


class RabbitMQ:
    """One node under `folder`; its queues stay there between runs, or in `data`.

    `settings` are further lines of its rabbitmq.conf. Nodes of one cluster share a cookie and a
    name server: all but one are told its `epmd_port`, and start none."""

    name = "RabbitMQ"

    def __init__(
        self,
        folder: Path,
        password: str,
        cookie: str,
        *,
        node: str = NODE,
        settings: str = "",
        epmd_port: int = 0,
        data: Path | None = None,
    ) -> None:
        self._folder = folder
        self._home = folder / "rabbitmq"
        self._data = data or self._home / "data"
        self._password = password
        self._cookie = cookie
        self._settings = settings
        self._has_own_epmd = not epmd_port
        self._epmd: Process | None = None
        self.epmd_port = epmd_port or free_port()
        self.node = node
        self.process: Process | None = None
        self.port = self.management_port = 0

    @property
    def url(self) -> str:
        """The administrator's, at the default virtual host."""
        return f"amqp://admin:{self._password}@127.0.0.1:{self.port}/"

    @property
    def management_url(self) -> str:
        return f"http://admin:{self._password}@127.0.0.1:{self.management_port}"

    def rabbitmqctl(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """RabbitMQ's tool, and where it finds the cookie and the name server of this node."""
        assert self.process is not None, "there is a node to speak to after start"
        script = Path(self.process.command[0])
        return [str(script.with_name("rabbitmqctl"))], self.process.environment

    async def start(self) -> None:
        """Raises LaunchError with the cause and what to do."""
        script = find()
        if script is None:
            raise LaunchError("RabbitMQ 3.10 or later is missing. Install rabbitmq-server.")
        self.port, self.management_port = free_port(), free_port()
        environment = self._prepare()
        epmd = shutil.which("epmd", path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/local/bin")
        if epmd is not None and self._has_own_epmd:
            # Started by us, in the foreground: one started by the node would outlive it.
            self._epmd = Process("epmd", [epmd], self._folder, environment, grace_seconds=2.0)
            await self._epmd.start()
        fresh = not self._data.exists()
        # A node that still boots does not heed SIGTERM: waiting for it would be in vain.
        self.process = Process(
            "rabbitmq", [str(script)], self._folder, environment, grace_seconds=1.0
        )
        await self.process.start()
        try:
            await self.ready()
        except (LaunchError, asyncio.CancelledError):
            await self.stop()
            if fresh:
                # Half-made data would trouble the next start, and nothing is in them.
                shutil.rmtree(self._data, ignore_errors=True)
            raise
        self.process.grace_seconds = 20.0

    def _prepare(self) -> Mapping[str, str]:
        """Write the node's files and return its environment."""
        self._home.mkdir(parents=True, exist_ok=True)
        cookie = self._home / ".erlang.cookie"
        cookie.unlink(missing_ok=True)
        cookie.touch(mode=0o600)
        cookie.write_text(self._cookie[:32])
        cookie.chmod(0o400)
        config = self._home / "rabbitmq.conf"
        config.touch(mode=0o600)
        config.write_text(
            _CONFIG.format(
                port=self.port, management_port=self.management_port, password=self._password
            )
            + self._settings
        )
        (self._home / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self._home / "rabbitmq-env.conf").write_text("# Nothing: the launcher says it all.\n")
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("RABBITMQ_", "ERL_"))}
        return {
            **kept,
            "HOME": str(self._home),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(self._data),
            # Its log goes to standard output, like everybody's; this is for what insists on files.
            "RABBITMQ_LOG_BASE": str(self._home / "logs"),
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_CONF_ENV_FILE": str(self._home / "rabbitmq-env.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self._home / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._home / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self._home / "rabbitmq.pid"),
            # One scheduler, which sleeps when idle: the machine is shared with everything else.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"
            " -kernel inet_dist_use_interface {127,0,0,1}",
            # Makes the start script become the node instead of staying as its parent, so that
            # signals and the process id are the node's own.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    async def ready(self) -> None:
        """Wait until it takes calls; raises LaunchError when it ends or refuses us."""
        assert self.process is not None, "ready comes after start"
        try:
            async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as http:
                await until(lambda: self._ended_or_answers(http), pause=0.1)
        except TimeoutError:
            raise self._failed(
                f"did not answer within {START_SECONDS:.0f} s",
                "It may only be slow: wait until the machine has less to do, and try again",
            ) from None
        if not self.process.alive:
            raise self._failed("ended at once", "Put that right, and try again")

    async def _ended_or_answers(self, http: aiohttp.ClientSession) -> bool:
        return self.process is None or not self.process.alive or await self._answers(http)

    async def _answers(self, http: aiohttp.ClientSession) -> bool:
        url = f"http://127.0.0.1:{self.management_port}/api/whoami"
        admin = {"Authorization": aiohttp.encode_basic_auth("admin", self._password)}
        try:
            async with http.get(url, headers=admin) as answer:
                if answer.status == 401:
                    raise LaunchError(
                        f"RabbitMQ does not know the password of "
                        f"{shown(self._folder / 'secrets.json')}: its data are older. Restore that "
                        f"file. {self._last_resort()}"
                    )
                return answer.status == 200 and await self.listens()
        except aiohttp.ClientError:
            return False

    async def listens(self) -> bool:
        """Whether clients can connect."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def stop(self) -> None:
        for process in (self.process, self._epmd):
            if process is not None:
                await process.stop()

    def _failed(self, how: str, remedy: str) -> LaunchError:
        assert self.process is not None, "a failure comes after start"
        words = self.process.last_words() or "no word in its log"
        return LaunchError(
            f"RabbitMQ {how}: {words}. {remedy} (its log: {shown(self.process.log)}). "
            f"{self._last_resort()}"
        )

    def _last_resort(self) -> str:
        return (
            f"As the last resort, remove {shown(self._data)}: events that wait in queues, those "
            "that are parked and the log are lost with it."
        )

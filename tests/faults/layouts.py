"""Which servers a stack runs on. All are its own, on empty data, and may be broken as one likes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from enum import Enum
from pathlib import Path

from yarl import URL

from launcher import credentials, jobs
from launcher.errors import LaunchError
from launcher.postgres import Postgres
from launcher.progress import Progress
from launcher.rabbitmq import RabbitMQ
from launcher.servers import choose_postgres, choose_rabbitmq, start_server, stopped_after
from launcher.stack import VHOST
from launcher.waiting import together
from shared.postgres.migrate import migrate
from shared.postgres.provision import provision_database
from tests.faults.cluster import Cluster
from tests.faults.disks import Disk, small_disk
from tests.faults.proxy import Proxy
from tests.faults.servers import SERVICES, Servers

# What is killed here is a process, not the machine: the system's cache outlives it, and commits
# that reached the cache must too.
_SURVIVES_A_KILL = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "2GB"}
_FITS_A_SMALL_DISK = {**_SURVIVES_A_KILL, "max_wal_size": "64MB", "min_wal_size": "32MB"}
# The broker's has room above its disk alarm.
_DISK_MEGABYTES = {"postgres": 400, "rabbitmq": 500}


class Layout(Enum):
    """What a scenario asks for; the value says what is special."""

    SINGLE = ""
    CLUSTER = "three nodes of RabbitMQ behind a load balancer"
    SMALL_DISKS = "disks that can be filled"


@asynccontextmanager
async def own_servers(
    folder: Path, source: Path, layout: Layout, progress: Progress
) -> AsyncIterator[Servers]:
    """Started, and migrated by the files of `source`. Raises LaunchError."""
    secrets = credentials.load(folder)
    database = await choose_postgres(folder, secrets, progress, _SURVIVES_A_KILL)
    broker = await choose_rabbitmq(folder, secrets, progress)
    if not isinstance(database, Postgres) or not isinstance(broker, RabbitMQ):
        raise LaunchError("Faults need servers that can be killed. Install those of the README.")
    async with AsyncExitStack() as cleanup:
        started: RabbitMQ | Cluster = broker
        disks: dict[str, Disk] = {}
        if layout is Layout.CLUSTER:
            started = Cluster(folder / "cluster", secrets)
        if layout is Layout.SMALL_DISKS:
            for name, megabytes in _DISK_MEGABYTES.items():
                disks[name] = cleanup.enter_context(small_disk(folder / "disks" / name, megabytes))
            database = Postgres(
                folder,
                secrets["postgres_admin"],
                _FITS_A_SMALL_DISK,
                data=disks["postgres"].folder / "data",
            )
            started = RabbitMQ(
                folder,
                secrets["rabbitmq_admin"],
                secrets["erlang_cookie"],
                data=disks["rabbitmq"].folder / "data",
            )
        await cleanup.enter_async_context(stopped_after((database, started), progress))
        await together(start_server(database, progress), start_server(started, progress))
        nodes: Sequence[RabbitMQ] = started.nodes if isinstance(started, Cluster) else [started]
        port = nodes[0].port
        if len(nodes) > 1:
            # As a load balancer does: whoever connects gets a node that lives.
            balancer = Proxy([node.port for node in nodes])
            port = (await cleanup.enter_async_context(balancer.running())).port
        yield await _provisioned(database, nodes, port, secrets, source, disks)


async def _provisioned(
    database: Postgres,
    nodes: Sequence[RabbitMQ],
    port: int,
    secrets: Mapping[str, str],
    source: Path,
    disks: Mapping[str, Disk],
) -> Servers:
    urls = {s: jobs.database_urls(database.url, secrets, s) for s in SERVICES}
    for service, url in urls.items():
        await provision_database(database.url, url.owner, url.runtime)
        own = source / "services" / service / "migrations"
        await migrate(url.owner, [source / "shared/outbox/migrations", own])
    admin = URL(nodes[0].url).with_port(port).with_path(VHOST)
    users = {s: str(admin.with_user(s).with_password(secrets[f"rabbitmq_{s}"])) for s in SERVICES}
    await jobs.prepare_broker(nodes[0].management_url, str(admin), users)
    return Servers(database, nodes, urls, users, str(admin), disks)

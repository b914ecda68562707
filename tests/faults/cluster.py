"""Three RabbitMQ nodes that are one cluster, on this machine."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from launcher.processes import Process
from launcher.rabbitmq import RabbitMQ
from launcher.waiting import together

NODES = ("circles-1@localhost", "circles-2@localhost", "circles-3@localhost")

# As in production: a node that no longer sees the majority stops by itself, so that its clients go
# to those who can still confirm. With `ignore` it would keep them for nothing, and disagree about
# queues and bindings until somebody restarts it; `autoheal` acts only once the network is whole.
_SETTINGS = """\
cluster_partition_handling = pause_minority
cluster_formation.peer_discovery_backend = classic_config
"""


class Cluster:
    """Starts and stops like a single server; its `nodes` can be killed one by one."""

    name = "RabbitMQ's cluster"

    def __init__(self, folder: Path, secrets: Mapping[str, str]) -> None:
        self.nodes: list[RabbitMQ] = []
        for number, name in enumerate(NODES):
            # The first one comes up alone; the others find it, and join.
            peers = "".join(
                f"cluster_formation.classic_config.nodes.{n} = {peer}\n"
                for n, peer in enumerate((NODES[0], name) if number else (name,), start=1)
            )
            self.nodes.append(
                RabbitMQ(
                    folder / name.partition("@")[0],
                    secrets["rabbitmq_admin"],
                    secrets["erlang_cookie"],
                    node=name,
                    settings=_SETTINGS + peers,
                    epmd_port=self.nodes[0].epmd_port if self.nodes else 0,
                )
            )

    @property
    def process(self) -> Process | None:
        """Of the first node: None before the start."""
        return self.nodes[0].process

    @property
    def url(self) -> str:
        """The administrator's, at the first node."""
        return self.nodes[0].url

    async def start(self) -> None:
        """Raises LaunchError."""
        first, *others = self.nodes
        await first.start()
        await together(*(node.start() for node in others))

    async def stop(self) -> None:
        # The first one last: its name server is everybody's.
        first, *others = self.nodes
        await asyncio.gather(*(node.stop() for node in others))
        await first.stop()

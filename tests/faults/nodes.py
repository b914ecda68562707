"""Nodes of a RabbitMQ cluster that die or are cut off."""

import asyncio
import time
from contextlib import suppress

import aiohttp
from yarl import URL

from launcher.stack import VHOST
from launcher.waiting import together, until
from shared.rabbitmq.topology import SERVICE_QUEUES
from tests.faults.cluster import NODES
from tests.faults.scene import Bite, Scene
from tests.faults.servers import Servers

QUEUE = SERVICE_QUEUES["notifier"].name
ELECTION_SECONDS = 20.0
AWAY_SECONDS = 5.0
NO_QUORUM_SECONDS = 8.0
CUT_SECONDS = 20.0
PAUSE_SECONDS = 15.0

# The cut-off node alone takes its peers for strangers: they are refused in both directions. It
# leaves them at one moment: whoever sees it go while the other still hears it would stop as well.
_CUT = """
Peers = [%s],
[erlang:set_cookie(Peer, stranger) || Peer <- Peers],
[spawn_opt(erlang, disconnect_node, [Peer], [{priority, max}]) || Peer <- Peers],
erlang:system_time(millisecond).
"""
_MEND = "[erlang:set_cookie(Peer, erlang:get_cookie()) || Peer <- [%s]]."


async def leader_dies(scene: Scene) -> Bite:
    """kill -9 of the node that leads the queue; the two others elect, and it comes back to them."""
    servers = scene.stack.servers
    leader = await _elected(servers)
    accepted = scene.accepted
    scene.timeline.strike()
    await servers.kill_broker(leader)
    try:
        successor = await _elected(servers, but=leader)
        await scene.goes_on(AWAY_SECONDS)
        accepted = scene.accepted - accepted
    finally:
        await servers.start_broker(leader)
    return {"leader changed": int(successor != leader), "messages accepted meanwhile": accepted}


async def leader_cut_off(scene: Scene) -> Bite:
    """The node that leads hears nothing of the others and they nothing of it, while all live.
    Recovery counts from the cut: two of three nodes are a cluster."""
    servers = scene.stack.servers
    leader = await _elected(servers)
    cut_at = int(await _evaluate(servers, leader, _CUT)) / 1000
    # The command takes its time before and after.
    scene.timeline.strike(time.monotonic() - (time.time() - cut_at))
    try:
        async with asyncio.timeout(PAUSE_SECONDS):
            await until(lambda: _is_paused(servers, leader))
        successor = await _elected(servers, but=leader)
        await scene.goes_on(CUT_SECONDS)
    finally:
        await _evaluate(servers, leader, _MEND)
        await together(*(broker.ready() for broker in servers.brokers))
    return {"nodes that stopped by themselves": 1, "leader changed": int(successor != leader)}


async def quorum_lost(scene: Scene) -> Bite:
    """kill -9 of two of three: the third stops by itself, and nothing is confirmed any more."""
    servers = scene.stack.servers
    leader = await _elected(servers)
    killed = (leader, (leader + 1) % len(NODES))
    last = (leader + 2) % len(NODES)
    accepted = scene.accepted
    scene.timeline.strike()
    await asyncio.gather(*(servers.kill_broker(node) for node in killed))
    try:
        async with asyncio.timeout(PAUSE_SECONDS):
            await until(lambda: _is_paused(servers, last))
        await scene.goes_on(NO_QUORUM_SECONDS)
        held_back, accepted = await scene.held_back(), scene.accepted - accepted
    finally:
        await together(*(servers.start_broker(node) for node in killed))
        await servers.brokers[last].ready()
        scene.timeline.lift()
    return {"events held back": held_back, "messages accepted meanwhile": accepted}


async def _evaluate(servers: Servers, node: int, words: str) -> str:
    peers = ", ".join(f"'{name}'" for name in NODES if name != servers.brokers[node].node)
    return await servers.broker_command("eval", words % peers, node=node)


async def _is_paused(servers: Servers, node: int) -> bool:
    """The process lives, and takes no connections."""
    return servers.broker_process(node).alive and not await servers.brokers[node].listens()


async def _elected(servers: Servers, but: int | None = None) -> int:
    """The node that leads the queue, as soon as it is another than `but`. Raises TimeoutError."""
    others = [node for node in range(len(NODES)) if node != but]
    leaders: set[int] = set()

    async def one_is_known() -> bool:
        leaders.update([await _leader(servers, node) for node in others])
        leaders.intersection_update(others)
        return bool(leaders)

    async with asyncio.timeout(ELECTION_SECONDS):
        await until(one_is_known, pause=0.1)
    return leaders.pop()


async def _leader(servers: Servers, asked: int) -> int:
    """Who leads, as this node says; -1 when it knows of nobody."""
    management = URL(servers.brokers[asked].management_url)
    address = management / "api/queues" / VHOST.strip("/") / QUEUE
    leader = None
    with suppress(aiohttp.ClientError):
        async with aiohttp.ClientSession() as http, http.get(address) as answer:
            leader = (await answer.json()).get("leader")
    return NODES.index(leader) if leader in NODES else -1

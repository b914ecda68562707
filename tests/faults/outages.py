"""Servers and replicas that go away and come back."""

import asyncio

from tests.faults.faults import SUPERVISOR_SECONDS
from tests.faults.scene import Bite, Fault, Scene

ALARM_SECONDS = 4.0
DROPS = 5


async def kill_broker(scene: Scene) -> Bite:
    """kill -9 of RabbitMQ; its queues are on disk, and calls go on while it is away."""
    accepted = scene.accepted
    scene.timeline.strike()
    await scene.stack.servers.kill_broker()
    await scene.stack.servers.start_broker()
    scene.timeline.lift()
    return {"kills of the broker": 1, "messages accepted meanwhile": scene.accepted - accepted}


async def restart_postgres(scene: Scene) -> Bite:
    """An immediate shutdown: every session is lost, and the start recovers from the log."""
    failed = scene.timeline.failures.total()
    scene.timeline.strike()
    await scene.stack.servers.restart_postgres()
    scene.timeline.lift()
    await scene.goes_on(0.5)
    return {"restarts": 1, "calls and streams lost": scene.timeline.failures.total() - failed}


async def drop_sessions(scene: Scene) -> Bite:
    """Every session of every service ends, several times, at no particular moment."""
    ended = 0
    scene.timeline.strike()
    for _ in range(DROPS):
        ended += await scene.stack.servers.drop_sessions()
        await scene.goes_on(0.3)
    return {"sessions ended": ended}


async def raise_memory_alarm(scene: Scene) -> Bite:
    """The broker takes nothing from anybody who publishes, and answers nothing either."""
    servers = scene.stack.servers
    scene.timeline.strike()
    await servers.broker_command("set_vm_memory_high_watermark", "0.00001")
    try:
        accepted = scene.accepted
        await scene.goes_on(ALARM_SECONDS)
        waiting = await scene.held_back()
        accepted = scene.accepted - accepted
    finally:
        await servers.broker_command("set_vm_memory_high_watermark", "absolute", "1GB")
        scene.timeline.lift()
    return {"events held back": waiting, "messages accepted meanwhile": accepted}


def roll(*kinds: str) -> Fault:
    """A deploy: every replica of these services is stopped and started, one after the other."""

    async def fault(scene: Scene) -> Bite:
        before, restarts = scene.connections(), 0
        scene.timeline.strike()
        for kind in kinds:
            for name in scene.stack.of(kind):
                await scene.stack.restart(name)
                restarts += 1
        scene.timeline.lift()
        return {"restarts": restarts, "streams that came back": scene.connections() - before}

    return fault


async def kill_gateway(scene: Scene) -> Bite:
    """Everybody's connections at once."""
    before = scene.connections()
    scene.timeline.strike()
    await scene.stack.kill("gateway")
    await asyncio.sleep(SUPERVISOR_SECONDS)
    await scene.stack.start("gateway")
    await scene.goes_on(1.0)
    return {"kills": 1, "streams that came back": scene.connections() - before}

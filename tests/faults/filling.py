"""Disks that run full under the servers, and have room again."""

import asyncio

from launcher.waiting import until
from tests.faults.scene import Bite, Scene
from tests.faults.servers import Servers

FULL_SECONDS = 8.0
ALARM_SECONDS = 4.0
# The broker looks at its disk every ten seconds, and more often when little is left.
NOTICE_SECONDS = 15.0
REFILL_SECONDS = 0.2
# Below the broker's own limit, and enough to live on.
LEFT_BYTES = 100_000_000


async def fill_postgres(scene: Scene) -> Bite:
    """No room for a row, nor for the log of changes; for want of the latter PostgreSQL ends."""
    servers = scene.stack.servers
    failed = _failed_posts(scene)
    scene.timeline.strike()
    await _full(scene, "postgres")
    failed = _failed_posts(scene) - failed
    process = servers.postgres.process
    assert process is not None, "a fault comes after the start"
    if not process.alive:
        await process.start()
    await servers.postgres.ready()
    scene.timeline.lift()
    return {"calls refused": failed}


async def raise_disk_alarm(scene: Scene) -> Bite:
    """The broker sees that little is left, and takes nothing until there is more."""
    servers = scene.stack.servers
    disk = servers.disks["rabbitmq"]
    scene.timeline.strike()
    await asyncio.to_thread(disk.fill, LEFT_BYTES)
    try:
        async with asyncio.timeout(NOTICE_SECONDS):
            await until(lambda: _is_alarmed(servers))
        accepted = scene.accepted
        await scene.goes_on(ALARM_SECONDS)
        held_back, accepted = await scene.held_back(), scene.accepted - accepted
    finally:
        disk.free()
        async with asyncio.timeout(NOTICE_SECONDS):
            while await _is_alarmed(servers):
                pass
        scene.timeline.lift()
    return {"events held back": held_back, "messages accepted meanwhile": accepted}


async def fill_broker(scene: Scene) -> Bite:
    """Beyond the alarm, which is switched off: not a byte is left for the queues' log."""
    servers = scene.stack.servers
    await servers.broker_command("set_disk_free_limit", "1kB")
    accepted = scene.accepted
    scene.timeline.strike()
    await _full(scene, "rabbitmq")
    held_back, accepted = await scene.held_back(), scene.accepted - accepted
    # Whatever it has become: an operator starts it again.
    if servers.broker_process().alive:
        await servers.kill_broker()
    await servers.start_broker()
    scene.timeline.lift()
    return {"events held back": held_back, "messages accepted meanwhile": accepted}


async def _full(scene: Scene, name: str) -> None:
    """Full for a while, and then as before."""
    disk = scene.stack.servers.disks[name]
    try:
        for _ in range(round(FULL_SECONDS / REFILL_SECONDS)):
            await asyncio.to_thread(disk.fill)
            await scene.goes_on(REFILL_SECONDS)
    finally:
        disk.free()


async def _is_alarmed(servers: Servers) -> bool:
    return "disk" in await servers.broker_command("eval", "rabbit_alarm:get_alarms().")


def _failed_posts(scene: Scene) -> int:
    return sum(n for what, n in scene.timeline.failures.items() if what.startswith("post"))

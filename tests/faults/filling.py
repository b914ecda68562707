"""Disks that run full under the servers, and have room again."""

import asyncio
import time
from contextlib import suppress
from http import HTTPStatus

import aiohttp
import asyncpg
from yarl import URL

from launcher.waiting import until
from tests.faults.scene import Bite, Scene
from tests.faults.servers import Servers

FULL_SECONDS = 8.0
ALARM_SECONDS = 4.0
# The broker looks at its disk every ten seconds, and more often when little is left.
NOTICE_SECONDS = 30.0
REFILL_SECONDS = 0.2
# Below the broker's own limit, and enough to live on.
LEFT_BYTES = 100_000_000
_LOG_SOMETHING = "SELECT pg_logical_emit_message(false, 'fault', repeat('x', 4000000))"


async def fill_postgres(scene: Scene) -> Bite:
    """No room for another row."""
    failed = _failed_posts(scene)
    scene.timeline.strike()
    await _full(scene, "postgres")
    failed = _failed_posts(scene) - failed
    await _restart_postgres(scene)
    return {"calls refused": failed}


async def fill_write_ahead_log(scene: Scene) -> Bite:
    """No room for what every change is written to first: PostgreSQL can only give up."""
    scene.timeline.strike()
    writing = asyncio.create_task(_write_log_until_it_ends(scene.stack.servers))
    try:
        await _full(scene, "postgres")
    finally:
        writing.cancel()
        await _restart_postgres(scene)
    return {"ends of PostgreSQL": int(writing.done() and not writing.cancelled())}


async def _write_log_until_it_ends(servers: Servers) -> None:
    async with servers.watching() as admin:
        while not admin.is_closed():
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await admin.execute(_LOG_SOMETHING)
            await asyncio.sleep(REFILL_SECONDS)


async def _restart_postgres(scene: Scene) -> None:
    """Wait for it, now that there is room; if the want of it has ended it, start it again."""
    postgres = scene.stack.servers.postgres
    assert postgres.process is not None, "a fault comes after the start"
    if not postgres.process.alive:
        await postgres.process.start()
    await postgres.ready()
    scene.timeline.lift()


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
            await until(lambda: _is_calm(servers))
        scene.timeline.lift()
    return {"events held back": held_back, "messages accepted meanwhile": accepted}


async def fill_broker(scene: Scene) -> Bite:
    """Beyond the alarm, which is switched off: not a byte is left for the queues' log."""
    servers = scene.stack.servers
    await servers.broker_command("set_disk_free_limit", "1kB")
    accepted = scene.accepted
    scene.timeline.strike()
    try:
        await _full(scene, "rabbitmq")
        held_back, accepted = await scene.held_back(), scene.accepted - accepted
    finally:
        # Whatever it has become: an operator starts it again.
        if servers.broker_process().alive:
            await servers.kill_broker()
        await servers.start_broker()
        scene.timeline.lift()
    return {"events held back": held_back, "messages accepted meanwhile": accepted}


async def _full(scene: Scene, name: str) -> None:
    """Full for a while, and then as before."""
    disk, end = scene.stack.servers.disks[name], time.monotonic() + FULL_SECONDS
    try:
        while time.monotonic() < end:
            await asyncio.to_thread(disk.fill)
            await scene.goes_on(REFILL_SECONDS)
    finally:
        disk.free()


async def _is_alarmed(servers: Servers) -> bool:
    address = URL(servers.brokers[0].management_url) / "api/health/checks/alarms"
    async with aiohttp.ClientSession() as http, http.get(address) as answer:
        return answer.status == HTTPStatus.SERVICE_UNAVAILABLE


async def _is_calm(servers: Servers) -> bool:
    return not await _is_alarmed(servers)


def _failed_posts(scene: Scene) -> int:
    return sum(n for what, n in scene.timeline.failures.items() if what.startswith("post"))

"""The ways to break things. Each takes a scene, strikes, heals, and tells how it bit."""

import asyncio
import signal
from collections.abc import Callable

from tests.faults.scene import Bite, Fault, Scene
from tests.faults.stack import CONSUMING, RELAYING

# The launcher's supervisor waits as long before it starts again what died.
SUPERVISOR_SECONDS = 0.2
DEATH_SECONDS = 20.0
# Until somebody else has its work, and shows it.
TAKEN_OVER_SECONDS = 1.0


def kill_one(name: str) -> Fault:
    """`kill -9`, and a start by whoever supervises."""

    async def fault(scene: Scene) -> Bite:
        scene.timeline.strike()
        await scene.stack.kill(name)
        await asyncio.sleep(SUPERVISOR_SECONDS)
        await scene.stack.start(name)
        return {"kills": 1}

    return fault


def kill_relaying(kind: str, done: Callable[[Scene], int], what: str) -> Fault:
    """The replica that publishes for all of its service; `done` counts what only goes on when
    another one is there."""

    async def fault(scene: Scene) -> Bite:
        name = await scene.stack.at_work(kind, RELAYING)
        before = done(scene)
        bite = await kill_one(name)(scene)
        await scene.goes_on(TAKEN_OVER_SECONDS)
        return {**bite, what: done(scene) - before}

    return fault


async def kill_active_notifier(scene: Scene) -> Bite:
    """The replica that consumes for all, with its third of the streams."""
    name = await scene.stack.at_work("notifier", CONSUMING)
    before = scene.connections()
    bite = await kill_one(name)(scene)
    await scene.goes_on(TAKEN_OVER_SECONDS)
    return {**bite, "streams that came back": scene.connections() - before}


async def die_at_failpoint(scene: Scene) -> Bite:
    """Wait for the armed replica to kill itself, and start it again unarmed."""
    assert scene.death, "the scenario arms a replica"
    async with asyncio.timeout(DEATH_SECONDS):
        code, at = await scene.death
    scene.timeline.strike(at)
    await asyncio.sleep(SUPERVISOR_SECONDS)
    await scene.stack.start(scene.victim)
    return {"kills at the failpoint": int(code == -signal.SIGKILL)}


def freeze(kind: str, seconds: float, at_work: str = CONSUMING) -> Fault:
    """SIGSTOP the replica at work, then SIGCONT: it does not know that time has passed."""

    async def fault(scene: Scene) -> Bite:
        name = await scene.stack.at_work(kind, at_work)
        late = scene.timeline.late.total()
        scene.timeline.strike()
        scene.stack.signal(name, signal.SIGSTOP)
        try:
            await scene.goes_on(seconds)
        finally:
            scene.stack.signal(name, signal.SIGCONT)
            scene.timeline.lift()
        await scene.goes_on(1.0)
        return {"late messages": scene.timeline.late.total() - late}

    return fault

"""One scenario from its first message to its verdict."""

import asyncio
import os
import time
from dataclasses import asdict, dataclass, field

from launcher.processes import Process
from tests.faults.links import through_proxies
from tests.faults.memory import sampled
from tests.faults.readers import READ_ENDED
from tests.faults.reconcile import Reckoning, reconcile
from tests.faults.scene import Bite, Scenario, Scene
from tests.faults.settling import SETTLE_SECONDS, settled
from tests.faults.stack import Stack
from tests.faults.timeline import BUCKET_SECONDS
from tests.faults.traffic import traffic

BEFORE_SECONDS = 2.0
AFTER_SECONDS = 3.0
# Longer than any fault takes, with a margin: a scenario always ends by itself.
FAULT_SECONDS = 120.0
# Half of what a service's container is given, and nine tenths of the gateway's, which holds up to
# 150 KB for each stream while a crowd comes back (docker-compose.yml).
MOST_MEGABYTES, MOST_OF_THE_GATEWAY = 512.0, 1843.0


@dataclass
class Result:
    """A scenario's row. Times are in seconds; `violations` empty means that all was kept."""

    name: str
    story: str
    target: float
    bite: Bite = field(default_factory=dict)
    reckoning: Reckoning = field(default_factory=Reckoning)
    noticed_after: float | None = None
    recovered_after: float = 0.0
    late_messages: dict[str, int] = field(default_factory=dict)
    failed_calls: dict[str, int] = field(default_factory=dict)
    # Of the largest service, and of the gateway.
    peak_megabytes: float = 0.0
    gateway_megabytes: float = 0.0
    struck_at: float = 0.0
    lifted_at: float = 0.0
    bucket_seconds: float = BUCKET_SECONDS
    accepted: list[int] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    seconds: float = 0.0
    # Of the whole machine over the last minute: beyond its cores, others slowed it down.
    load: float = 0.0
    violations: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


async def run_scenario(
    stack: Stack, scenario: Scenario, *, in_time: bool, settle_seconds: float = SETTLE_SECONDS
) -> Result:
    """Run it on a healthy stack, and leave a healthy stack behind; a promise that was broken stands
    in the result. Raises LaunchError when the stack can't be healed.

    `in_time` judges how long the recovery took as well: on a machine shared with others that says
    more about them than about us, and then it is only reported.
    """
    began = time.monotonic()
    result = Result(scenario.name, scenario.story, scenario.target)
    victim, death = "", None
    try:
        if scenario.arms:
            victim = await stack.arm(*scenario.arms)
            death = asyncio.ensure_future(_death(stack.process(victim)))
        await stack.spreads()
        async with (
            through_proxies(stack, scenario.links) as links,
            traffic(stack.url, scenario.sizes) as made,
            sampled(lambda: [stack.process(name).pid for name in stack.services]) as memory,
            sampled(lambda: [stack.gateway.pid]) as gateway_memory,
        ):
            scene = Scene(stack, made, victim, death, links)
            await _warm_up(scene)
            await _strike(scene, scenario, result)
            await stack.healed()
            await scene.goes_on(AFTER_SECONDS)
            await made.ends()
            if left := await settled(stack.servers, made, settle_seconds):
                result.violations.append(f"did not settle: {left}")
            result.reckoning = await reconcile(stack.servers, made)
            if scenario.check:
                await scenario.check(scene)
            await _parked(scene)
            result.peak_megabytes = round(memory.most, 1)
            result.gateway_megabytes = round(gateway_memory.most, 1)
            _judge(scene, scenario, result, in_time=in_time)
    # Whatever it is: the scenarios before and after it still count.
    except Exception as error:
        result.violations.append(f"broke off: {type(error).__name__}: {error}")
    finally:
        if death:
            death.cancel()
        if victim and not result.bite and stack.process(victim).alive:
            # It did not die of its failpoint, and still has it.
            await stack.kill(victim)
        await stack.healed()
    result.load = round(os.getloadavg()[0], 1)
    result.seconds = round(time.monotonic() - began, 1)
    return result


async def _death(process: Process) -> tuple[int, float]:
    return await process.wait(), time.monotonic()


async def _warm_up(scene: Scene) -> None:
    """Let the traffic flow for a while, but no longer than the armed replica lives: it is started
    again as soon as it is dead."""
    if scene.death:
        await asyncio.wait([scene.death], timeout=BEFORE_SECONDS)
    else:
        await scene.goes_on(BEFORE_SECONDS)


async def _strike(scene: Scene, scenario: Scenario, result: Result) -> None:
    try:
        async with asyncio.timeout(FAULT_SECONDS):
            result.bite = dict(await scenario.fault(scene))
    except Exception as error:
        result.violations.append(f"the fault failed: {type(error).__name__}: {error}")
    if not result.bite or not all(result.bite.values()):
        result.violations.append(f"the fault did not bite: {dict(result.bite)}")


async def _parked(scene: Scene) -> None:
    """What is parked is the poison that was injected, no more and no less."""
    for service in ("chat", "notifier"):
        parked = await scene.stack.servers.take_parked(service)
        if len(parked) != scene.poison[service]:
            reasons = {str(each.get("x-parked-reason"))[:80] for each in parked}
            scene.broken.append(
                f"{len(parked)} events parked by {service} instead of {scene.poison[service]}: "
                f"{sorted(reasons)[:3]}"
            )


def _judge(scene: Scene, scenario: Scenario, result: Result, *, in_time: bool) -> None:
    timeline = scene.timeline
    result.noticed_after = timeline.seconds_to_notice
    result.recovered_after = timeline.seconds_to_recover
    result.late_messages = dict(timeline.late)
    result.failed_calls = dict(timeline.failures)
    result.struck_at = round((timeline.struck or timeline.began) - timeline.began, 2)
    result.lifted_at = round((timeline.lifted or timeline.struck or 0) - timeline.began, 2)
    columns = range(max([*timeline.accepted, *timeline.frames], default=0) + 1)
    result.accepted = [timeline.accepted[column] for column in columns]
    result.frames = [timeline.frames[column] for column in columns]
    result.violations += [*result.reckoning.violations, *scene.broken]
    if in_time and result.recovered_after > scenario.target:
        result.violations.append(
            f"recovered after {result.recovered_after} s, more than {scenario.target:g} s"
        )
    failed = {what: n for what, n in timeline.failures.items() if what != READ_ENDED}
    if failed and not scenario.calls_may_fail:
        result.violations.append(f"calls or streams failed: {failed}")
    if result.reckoning.resets and not scenario.may_reset:
        result.violations.append(f"{result.reckoning.resets} × reset of a cursor that is good")
    if result.peak_megabytes > MOST_MEGABYTES:
        result.violations.append(f"a service took {result.peak_megabytes} MB")
    if result.gateway_megabytes > MOST_OF_THE_GATEWAY:
        result.violations.append(f"the gateway took {result.gateway_megabytes} MB")

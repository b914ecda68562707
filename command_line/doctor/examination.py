"""The checks, made one after the other within bounds of time."""

import asyncio
from collections.abc import AsyncIterator

from circles_client import CirclesError

from command_line.doctor.checks import FIRST, PATIENT, QUICK, Check
from command_line.doctor.findings import Finding, Result, failed, skipped
from command_line.doctor.scene import Scene, gather_people, made_scene

# No check takes longer by itself; the patient ones wait for a heartbeat on top.
CHECK_SECONDS = 30.0


async def examine(url: str, tokens: list[str], quick: bool) -> AsyncIterator[Result | str]:
    """Yields the name of each check before it is made, and its result after. `tokens` are of one
    or two people; `quick` leaves out what has to wait for a heartbeat."""
    async with made_scene(url, tokens) as scene:
        yield FIRST.NAME
        finding = await FIRST.check(scene)
        if finding.verdict == "ok":
            try:
                await gather_people(scene)
            except CirclesError as error:
                finding = failed(f"no group can be made: {error}")
        yield Result(FIRST.NAME, finding)
        if finding.verdict != "ok":
            return
        for check in QUICK:
            yield check.NAME
            yield Result(check.NAME, await _made(check, scene, CHECK_SECONDS))
        if quick:
            for check in PATIENT:
                yield Result(check.NAME, skipped("takes as long as a heartbeat; left out: --quick"))
            return
        yield f"{' and '.join(check.NAME for check in PATIENT)}, for {scene.heartbeat:g} s"
        bound = scene.heartbeat + CHECK_SECONDS
        findings = await asyncio.gather(*(_made(check, scene, bound) for check in PATIENT))
        for check, finding in zip(PATIENT, findings, strict=True):
            yield Result(check.NAME, finding)


async def _made(check: Check, scene: Scene, seconds: float) -> Finding:
    if getattr(check, "NEEDS_STREAM", False) and not scene.streams_pass:
        return skipped("needs a stream that comes through")
    try:
        async with asyncio.timeout(seconds):
            return await check.check(scene)
    except TimeoutError:
        return failed(f"not done after {seconds:g} s")

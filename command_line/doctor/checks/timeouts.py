"""Idle time-outs on the way are longer than the longest silence of a stream."""

import asyncio
import math
import time

from circles_client import CirclesError, Problem

from command_line.doctor import remedies
from command_line.doctor.checks.long_poll import poll
from command_line.doctor.findings import Finding, advice, failed, ok
from command_line.doctor.scene import Scene

NAME = "idle time-outs"
# A time-out that is only just longer than a heartbeat ends streams on a busy day.
_SPARE_SECONDS = 5.0
_LONGEST_HOLD = 60


async def check(scene: Scene) -> Finding:
    """A held poll is as silent as a stream between two heartbeats, for as long as we like."""
    hold = min(_LONGEST_HOLD, math.ceil(scene.heartbeat + _SPARE_SECONDS))
    began = time.monotonic()
    for _ in range(4):
        began = time.monotonic()
        try:
            cursor = str((await scene.repeated(lambda: poll(scene, 0)))["cursor"])
            answer = await poll(scene, hold, cursor)
        except CirclesError as error:
            lasted = time.monotonic() - began
            if lasted < 0.5 and isinstance(error, Problem) and error.status in (502, 503):
                scene.failures.append(f"poll: {error}")
                await asyncio.sleep(0.1)
                continue
            return failed(
                f"a silent call was cut after {lasted:.1f} s ({error}); a stream may be silent for "
                f"{scene.heartbeat:g} s",
                remedies.TIMEOUTS,
            )
        lasted = time.monotonic() - began
        if answer["notifications"] or lasted < hold * 0.9:
            return advice(f"something ended the silence after {lasted:.1f} s: not seen further")
        return ok(
            f"{lasted:.0f} s of silence are allowed; a heartbeat is due every {scene.heartbeat:g} s"
        )
    return failed("a poll was refused again and again", remedies.REPLICAS)

"""Heartbeats arrive, and in time: the sign of life by which clients notice dead links."""

import time

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, failed, ok
from command_line.doctor.scene import Scene

NAME = "heartbeats"
NEEDS_STREAM = True
# Beyond what was announced, for the sweep that sends them and the way here.
MARGIN_SECONDS = 3.0


async def check(scene: Scene) -> Finding:
    async with scene.stream() as wire:
        if wire.connected is None:
            return failed(f"a stream does not open: {wire.failure}")
        announced, began = scene.heartbeat, time.monotonic()
        beat = await wire.next(announced + MARGIN_SECONDS, lambda a: a.name == "heartbeat")
        took = time.monotonic() - began
    if beat is not None:
        return ok(f"after {took:.1f} s; at most {announced:g} s were announced")
    if wire.failure:
        return failed(
            f"{wire.failure} after {took:.1f} s, before the heartbeat that is due every "
            f"{announced:g} s: an idle time-out on the way is shorter",
            remedies.TIMEOUTS,
        )
    return failed(f"none within {took:.1f} s, {announced:g} s were announced", remedies.BUFFERING)

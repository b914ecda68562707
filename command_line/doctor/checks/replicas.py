"""Every replica delivers: many streams, spread over them, each get the same."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import aiohttp
from circles_client import CirclesError

from command_line.doctor import remedies
from command_line.doctor.checks.long_poll import poll
from command_line.doctor.findings import Finding, failed, ok
from command_line.doctor.scene import OPEN_SECONDS, Scene

NAME = "all replicas"
NEEDS_STREAM = True
# Below the cap of 20 per user, so that nobody's other streams are closed for it.
_STREAMS = 12
_CALLS = 12


async def check(scene: Scene) -> Finding:
    async with AsyncExitStack() as streams:
        wires = await asyncio.gather(
            *(streams.enter_async_context(scene.stream(tries=1)) for _ in range(_STREAMS))
        )
        opened = [wire for wire in wires if wire.connected is not None]
        broken = [f"stream: {wire.failure}" for wire in wires if wire.connected is None]
        try:
            news = await scene.news()
        except CirclesError as error:
            return failed(f"nothing can be sent: {error}")
        told = await asyncio.gather(*(wire.next(OPEN_SECONDS, news.fits) for wire in opened))
    broken += [f"call: {each}" for each in await _calls(scene) if each]
    broken += scene.failures
    silent = sum(1 for arrival in told if arrival is None)
    differing = len({(a.cursor, a.data["eventId"]) for a in told if a is not None})
    if broken:
        share = sum(wire.connected is None for wire in wires)
        return failed(
            f"{share} of {_STREAMS} streams did not open, and {len(broken) - share} other calls "
            f"failed ({_summed(broken)}): a replica that is still asked can't be reached",
            remedies.REPLICAS,
        )
    if silent:
        return failed(
            f"{silent} of {len(opened)} streams were not told of a message within "
            f"{OPEN_SECONDS:g} s: a replica is cut off from the broker or the database",
            ["Look at /readyz of each notifier: it names what is missing."],
        )
    if differing != 1:
        return failed(f"{len(opened)} streams got {differing} different frames for one message")
    return ok(f"{_STREAMS} streams got the same frame, {_CALLS} calls of each kind were answered")


async def _calls(scene: Scene) -> list[str]:
    return await asyncio.gather(
        *(_health(scene) for _ in range(_CALLS)), *(_poll(scene) for _ in range(_CALLS))
    )


async def _health(scene: Scene) -> str:
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            async with scene.http.get(f"{scene.url}/healthz") as answer:
                return "" if answer.status == 200 else f"/healthz says {answer.status}"
    except (aiohttp.ClientError, OSError) as error:
        return f"/healthz: {type(error).__name__}"


async def _poll(scene: Scene) -> str:
    try:
        await poll(scene, 0)
    except CirclesError as error:
        return str(error)
    return ""


def _summed(broken: list[str]) -> str:
    (words, count), *_ = Counter(broken).most_common(1)
    return f"{count} times {words}" if count > 1 else words

"""Clocks agree: tokens end when they should, and times make sense."""

import asyncio
import time
from email.utils import parsedate_to_datetime

import aiohttp

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, advice, failed, ok, skipped
from command_line.doctor.scene import OPEN_SECONDS, Scene

NAME = "clocks"
# `Date` has whole seconds, and an answer takes its time.
_TOLERABLE = 2.0
_BAD = 30.0
_SHORT_LIFE = 300.0


async def check(scene: Scene) -> Finding:
    """Streams that other checks have opened have said what time it is on each replica."""
    skews = {f"a replica's clock ({n})": skew for n, skew in enumerate(scene.skews, start=1)}
    gateway = await _date(scene)
    if gateway is not None:
        skews["the clock of the proxy (Date)"] = gateway
    if not skews:
        return skipped("nobody said what time it is")
    whose, worst = max(skews.items(), key=lambda each: abs(each[1]))
    if abs(worst) > _BAD:
        return failed(f"{whose} is {_words(worst)} ours", remedies.CLOCKS)
    if abs(worst) > _TOLERABLE:
        return advice(f"{whose} is {_words(worst)} ours", remedies.CLOCKS)
    streams = len(scene.skews)
    mean = sum(scene.skews) / streams if streams else 0.0
    return _tokens(scene, mean) or ok(
        f"within {max(abs(worst), 0.1):.1f} s of ours, as the proxy and {streams} streams say"
    )


async def _date(scene: Scene) -> float | None:
    try:
        async with (
            asyncio.timeout(OPEN_SECONDS),
            scene.http.get(f"{scene.url}/healthz") as answer,
        ):
            now = time.time()
            return parsedate_to_datetime(answer.headers["Date"]).timestamp() + 0.5 - now
    except (aiohttp.ClientError, OSError, KeyError, ValueError):
        return None


def _tokens(scene: Scene, skew: float) -> Finding | None:
    claims, now = scene.listener.claims, time.time() + skew
    issued, ends = claims.get("iat"), claims.get("exp")
    if isinstance(issued, int | float) and issued > now + _TOLERABLE:
        return advice(
            f"the token was issued {issued - now:.0f} s in the future: the issuer's clock is ahead",
            remedies.CLOCKS,
        )
    if isinstance(ends, int | float) and ends - now < _SHORT_LIFE:
        return advice(
            f"the token ends in {ends - now:.0f} s, and a stream with it: renew it before that"
        )
    return None


def _words(skew: float) -> str:
    return f"{abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'}"

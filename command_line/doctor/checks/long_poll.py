"""The fallback works: a poll is held, and answered as soon as something happens."""

import asyncio
import time

from circles_client import CirclesError, Problem

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, advice, failed, ok
from command_line.doctor.scene import FRAME_SECONDS, Scene

NAME = "long poll"
_HOLD = 2
_PATIENCE = 10


async def check(scene: Scene) -> Finding:
    try:
        cursor = (await scene.repeated(lambda: poll(scene, 0)))["cursor"]
        began = time.monotonic()
        answer = await _held(scene, _HOLD, cursor)
        held = time.monotonic() - began
        if isinstance(answer, str):
            return failed(f"a poll was cut after {held:.1f} s: {answer}", remedies.TIMEOUTS)
        if answer["notifications"]:
            return advice("something else happened meanwhile: how long a poll is held was not seen")
        if held < _HOLD * 0.9:
            return failed(f"a poll of {_HOLD} s was answered after {held:.1f} s, empty")
        waiting = asyncio.create_task(_held(scene, _PATIENCE, answer["cursor"]))
        news = await scene.news()
        woken = await waiting
        took = time.monotonic() - news.made_at
    except CirclesError as error:
        return failed(str(error))
    if isinstance(woken, str) or not woken["notifications"]:
        return failed("a poll was not woken by a message", remedies.BUFFERING)
    seen = f"held for {held:.1f} s, then woken by a message after {took * 1000:.0f} ms"
    return ok(seen) if took <= FRAME_SECONDS else failed(seen, remedies.BUFFERING)


async def poll(
    scene: Scene, hold: int, cursor: str | None = None, margin: float = 5.0
) -> dict[str, list[object] | str]:
    """One poll of the listener. Raises CirclesError."""
    query = {"timeout": str(hold), "ack": "client", **({"after": cursor} if cursor else {})}
    calls = scene.listener.circles.calls
    answer: dict[str, list[object] | str] = await calls.call(
        "GET", "/v1/sse/poll", query=query, within=hold + margin
    )
    return answer


async def _held(scene: Scene, hold: int, cursor: object) -> dict[str, list[object] | str] | str:
    """The answer, or what came in its place. One refused at once is asked for again."""
    for _ in range(4):
        began = time.monotonic()
        try:
            return await poll(scene, hold, str(cursor))
        except CirclesError as error:
            if time.monotonic() - began > 0.5 or not _is_refusal(error):
                return str(error)
            scene.failures.append(f"poll: {error}")
    return "refused again and again"


def _is_refusal(error: CirclesError) -> bool:
    return isinstance(error, Problem) and error.status in (502, 503)

"""The fallback works: a poll is held, and answered as soon as something happens."""

import asyncio
import time

from circles_client import CirclesError

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, advice, failed, ok
from command_line.doctor.scene import FRAME_SECONDS, Scene

NAME = "long poll"
Answer = dict[str, list[object] | str]

_HOLD = 2
_PATIENCE = 10


async def check(scene: Scene) -> Finding:
    try:
        cursor = (await scene.repeated(lambda: poll(scene, 0)))["cursor"]
        answer, held = await _held(scene, _HOLD, cursor)
        if isinstance(answer, str):
            return failed(f"a poll was cut after {held:.1f} s: {answer}", remedies.TIMEOUTS)
        if answer["notifications"]:
            return advice("something else happened meanwhile: how long a poll is held was not seen")
        if held < _HOLD * 0.9:
            return failed(f"a poll of {_HOLD} s was answered after {held:.1f} s, empty")
        waiting = asyncio.create_task(_held(scene, _PATIENCE, answer["cursor"]))
        news = await scene.news()
        woken, _ = await waiting
        took = news.took(time.monotonic())
    except CirclesError as error:
        return failed(str(error))
    if isinstance(woken, str) or not woken["notifications"]:
        return failed("a poll was not woken by a message", remedies.BUFFERING)
    seen = f"held for {held:.1f} s, then woken by a message after {took * 1000:.0f} ms"
    # A whole answer is not what proxies hold back; late, it tells of a busy system.
    return ok(seen) if took <= FRAME_SECONDS else advice(seen)


async def poll(scene: Scene, hold: int, cursor: str | None = None, margin: float = 5.0) -> Answer:
    """One poll of the listener. Raises CirclesError."""
    query = {"timeout": str(hold), "ack": "client", **({"after": cursor} if cursor else {})}
    calls = scene.listener.circles.calls
    answer: Answer = await calls.call("GET", "/v1/sse/poll", query=query, within=hold + margin)
    return answer


async def _held(scene: Scene, hold: int, cursor: object) -> tuple[Answer | str, float]:
    """The answer, or what came in its place; and after how many seconds. Of two tries, since one
    may meet a replica that is gone."""
    why, lasted = "", 0.0
    for _ in range(2):
        began = time.monotonic()
        try:
            answer = await poll(scene, hold, str(cursor))
        except CirclesError as error:
            why, lasted = str(error), time.monotonic() - began
            continue
        if why:
            scene.failures.append(f"poll: {why}")
        return answer, time.monotonic() - began
    return why, lasted

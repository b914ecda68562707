"""Nothing on the way holds frames back."""

from circles_client import CirclesError

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, advice, failed, ok
from command_line.doctor.scene import FRAME_SECONDS, OPEN_SECONDS, Scene

NAME = "not buffered"
_TRIES = 3


async def check(scene: Scene) -> Finding:
    tried: list[tuple[float, float]] = []
    # A busy machine is late now and then; what is held back is late each time.
    while len(tried) < _TRIES and (not tried or max(tried[-1]) > FRAME_SECONDS):
        times = await _times(scene)
        if isinstance(times, str):
            scene.streams_pass = False
            return failed(times, remedies.BUFFERING)
        tried.append(times)
    begun, took = min(tried, key=max)
    seen = f"first event after {begun * 1000:.0f} ms, a message after {took * 1000:.0f} ms"
    if max(begun, took) > FRAME_SECONDS:
        return failed(f"{seen} at best: more than a second", remedies.BUFFERING)
    if len(tried) > 1:
        return advice(f"{seen}, but only at the {len(tried)}. try: busy, not buffering")
    return ok(seen)


async def _times(scene: Scene) -> tuple[float, float] | str:
    """Seconds from asking to the first event, and from a message's answer to its frame; or why
    one of them does not come."""
    async with scene.stream() as wire:
        if wire.connected is None:
            return f"a stream does not begin: {wire.failure}"
        try:
            news = await scene.news()
        except CirclesError as error:
            return f"nothing can be sent: {error}"
        arrival = await wire.next(OPEN_SECONDS, news.fits)
    if arrival is None:
        why = wire.failure or f"not there after {OPEN_SECONDS:g} s"
        return f"a message does not arrive as a frame: {why}"
    return wire.connected.at - wire.asked_at, news.took(arrival.at)

"""Nothing on the way holds frames back."""

from circles_client import CirclesError

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, failed, ok
from command_line.doctor.scene import FRAME_SECONDS, OPEN_SECONDS, Scene

NAME = "not buffered"
# Besides what the way there and back takes anyway.
_BEGIN_SECONDS = 1.5


async def check(scene: Scene) -> Finding:
    async with scene.stream() as wire:
        if wire.connected is None:
            scene.streams_pass = False
            return failed(f"a stream does not begin: {wire.failure}", remedies.BUFFERING)
        begun = wire.connected.at - wire.asked_at
        if begun > _BEGIN_SECONDS:
            return failed(f"the first event took {begun:.1f} s", remedies.BUFFERING)
        try:
            news = await scene.news()
        except CirclesError as error:
            return failed(f"nothing can be sent: {error}")
        arrival = await wire.next(OPEN_SECONDS, news.fits)
        if arrival is None:
            scene.streams_pass = False
            why = wire.failure or f"not there after {OPEN_SECONDS:g} s"
            return failed(f"a message does not arrive as a frame: {why}", remedies.BUFFERING)
        took = arrival.at - news.made_at
        seen = f"first event after {begun * 1000:.0f} ms, a message after {took * 1000:.0f} ms"
        if took > FRAME_SECONDS:
            return failed(f"{seen}: more than a second", remedies.BUFFERING)
        return ok(seen)

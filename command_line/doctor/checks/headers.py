"""The headers by which proxies and browsers know a stream arrive."""

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, advice, failed, ok
from command_line.doctor.scene import Scene

NAME = "headers"
NEEDS_STREAM = True


async def check(scene: Scene) -> Finding:
    async with scene.stream() as wire:
        said = wire.headers
    wrong = []
    if said.get("Content-Type", "").partition(";")[0].strip() != "text/event-stream":
        wrong.append(f"Content-Type is {said.get('Content-Type', 'missing')}")
    cache = said.get("Cache-Control", "")
    if "no-transform" not in cache:
        wrong.append(f"Cache-Control is {cache or 'missing'}, without no-transform")
    if "no-cache" not in cache and "no-store" not in cache:
        wrong.append("and nothing keeps caches away")
    if wrong:
        return failed("; ".join(wrong), remedies.RESPONSE_HEADERS)
    if said.get("X-Accel-Buffering") != "no":
        return advice(
            "X-Accel-Buffering does not arrive. An nginx on the way takes it for itself, as it "
            "should; where there is none, another one closer to the clients would buffer",
            remedies.RESPONSE_HEADERS[:1],
        )
    return ok("Content-Type, Cache-Control with no-transform, X-Accel-Buffering")

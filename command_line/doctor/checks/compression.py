"""Nobody compresses a stream, even when a client would take it."""

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, failed, ok
from command_line.doctor.scene import Scene

NAME = "not compressed"
NEEDS_STREAM = True


async def check(scene: Scene) -> Finding:
    async with scene.stream({"Accept-Encoding": "gzip, br"}) as wire:
        encoding = wire.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            return failed(
                f"asked with Accept-Encoding: gzip, br, the stream comes as {encoding}",
                remedies.COMPRESSION,
            )
        if wire.connected is None:
            return failed(
                f"asked with Accept-Encoding: gzip, br, it does not begin: {wire.failure}",
                remedies.COMPRESSION,
            )
    return ok("plain, even where gzip and br would be taken")

"""Browsers, which send no headers, get in with a ticket."""

from circles_client import CirclesError

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, failed, ok
from command_line.doctor.scene import Scene

NAME = "tickets"
NEEDS_STREAM = True


async def check(scene: Scene) -> Finding:
    try:
        ticket = await scene.repeated(scene.listener.circles.ticket)
    except CirclesError as error:
        return failed(f"no ticket is given: {error}")
    async with scene.stream(query={"ticket": ticket["ticket"]}, identified=False) as wire:
        if wire.connected is None:
            return failed(f"a stream with a ticket does not open: {wire.failure}", remedies.TICKETS)
        if scene.listener.id and wire.connected.data["userId"] != scene.listener.id:
            return failed(f"it is the stream of {wire.connected.data['userId']}", remedies.TICKETS)
    return ok(f"a ticket for {ticket['expiresIn']} s opens a stream without any header")

"""A stream that comes back goes on where it was: by the header, and by the query."""

from circles_client import CirclesError

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, failed, ok
from command_line.doctor.scene import OPEN_SECONDS, Scene
from command_line.doctor.wire import Arrival

NAME = "resume"
NEEDS_STREAM = True


async def check(scene: Scene) -> Finding:
    async with scene.stream() as wire:
        try:
            first, second = await scene.news(), await scene.news()
        except CirclesError as error:
            return failed(f"nothing can be sent: {error}")
        earlier = await wire.next(OPEN_SECONDS, first.fits)
        later = await wire.next(OPEN_SECONDS, second.fits)
    if earlier is None or later is None:
        return failed(f"two messages did not arrive: {wire.failure or 'too late'}")
    by_header = await _resumed(scene, {"Last-Event-ID": earlier.cursor}, {}, later)
    by_query = await _resumed(scene, {}, {"lastEventId": earlier.cursor}, later)
    if by_header and by_query:
        return failed(f"by header: {by_header}; by query: {by_query}", remedies.REQUEST_HEADERS)
    if by_header:
        return failed(
            f"the header Last-Event-ID does not reach the server ({by_header}): browsers that "
            "reconnect by themselves would miss or repeat events. By ?lastEventId= it works",
            remedies.REQUEST_HEADERS,
        )
    if by_query:
        return failed(f"?lastEventId= does not reach the server: {by_query}", remedies.TICKETS)
    return ok("by Last-Event-ID and by ?lastEventId=, with exactly what was missed")


async def _resumed(
    scene: Scene, headers: dict[str, str], query: dict[str, str], missed: Arrival
) -> str:
    """What is wrong with a stream that resumes before `missed`; empty when nothing is."""
    async with scene.stream(headers, query) as wire:
        if wire.connected is None:
            return wire.failure
        asked = headers.get("Last-Event-ID") or query["lastEventId"]
        if wire.start != asked:
            return f"it began at {wire.start} and not at {asked}"
        event = await wire.next(OPEN_SECONDS, lambda arrival: arrival.name != "heartbeat")
    if event is None:
        return f"what was missed did not come: {wire.failure or 'too late'}"
    # Others may have been told meanwhile; the next position is what counts.
    after = int(asked.rpartition("-")[2]) + 1
    if event.name != "notification" or event.data["id"] != str(after):
        return f"{event.name} {event.data.get('id', '')} came in place of entry {after}"
    return ""

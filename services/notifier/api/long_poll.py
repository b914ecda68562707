"""Long polls, where streams don't get through, and acknowledging what came."""

import asyncio
import time
from contextlib import suppress

from aiohttp import web
from pydantic import Field
from pydantic_core import to_json

from services.notifier import metrics
from services.notifier.api.admission import ACK, admit, count_opening, said_cursor
from services.notifier.domain import Cursor, parse_cursor
from services.notifier.errors import CursorRefused, Draining
from services.notifier.keys import SETTINGS, STREAMS
from services.notifier.shapes.events import Acknowledged, Polled, Reset
from services.notifier.storage import mailboxes
from services.notifier.storage.catch_up import Slice
from services.notifier.streams import frames
from services.notifier.streams.connection import Connection
from services.notifier.streams.feed import body_of, is_complete
from services.notifier.streams.follower import Follower
from services.notifier.streams.parts import Streams
from shared.web.app import DATABASE
from shared.web.bodies import RequestBody, read_body
from shared.web.contract import in_query, number_in_query, operation
from shared.web.identity import CALLER
from shared.web.json import json_response
from shared.web.pages import Query

MAX_HOLD_SECONDS = 60
AFTER = in_query("after", "The cursor of the last answer; without it, what was never delivered.")
TIMEOUT = number_in_query(
    "timeout", "How long to wait for something to come, in seconds.", 0, MAX_HOLD_SECONDS, 30
)


class Ack(RequestBody):
    """Up to where the client has everything."""

    cursor: str = Field(examples=["e1-42"])


@operation({200: Polled}, parameters=[AFTER, TIMEOUT, ACK], refusals=[Draining], takes_ticket=True)
async def poll(request: web.Request) -> web.Response:
    """Get what is new, as soon as there is something.

    At once if something waits, else when something comes, else empty after `timeout`. `reset` is
    there where a stream would say it: reload, and go on from `cursor`.
    """
    query = Query(request)
    hold = query.integer("timeout", request.app[SETTINGS].poll_hold_seconds, 0, MAX_HOLD_SECONDS)
    streams = request.app[STREAMS]
    admission = await admit(request, query)
    user_id = admission.caller.user_id
    deadline = min(
        asyncio.get_running_loop().time() + hold,
        asyncio.get_running_loop().time() + admission.caller.expires_at - time.time(),
    )
    _make_room(streams, user_id, request.app[SETTINGS].streams_per_user)
    follower = Follower(user_id)
    streams.hub.register(follower)
    streams.sessions.polled(user_id)
    cursor = said_cursor(request.query.getall("after", []))
    open_polls = metrics.OPEN_STREAMS.labels("poll")
    open_polls.inc()
    try:
        async with streams.turns:
            opening = await streams.openings.begin(follower, cursor)
        count_opening("poll", cursor, opening)
        if opening.reset is not None:
            reset = streams.openings.reset_data(opening, opening.reset)
            return _answer(streams, opening.start, Slice(), reset)
        found = opening.slice
        while not found.entries and await _woken(follower, found, deadline):
            follower.begin_reading()
            found = await streams.feed.after(user_id, found.reached)
    finally:
        open_polls.dec()
        streams.hub.unregister(follower)
        streams.sessions.polled(user_id)
    if found.entries and not admission.acknowledged_by_client:
        await streams.acknowledged.up_to(user_id, found.reached, proven=False)
    return _answer(streams, found.reached, found)


def _make_room(streams: Streams, user_id: str, most: int) -> None:
    """Have the user's oldest poll here answered at once, when as many wait as may. As with streams:
    refusing the new one would let polls of dead clients lock their user out."""
    polls = [each for each in streams.hub.of_user(user_id) if not isinstance(each, Connection)]
    if len(polls) >= most:
        polls[0].end()


async def _woken(follower: Follower, found: Slice, deadline: float) -> bool:
    """Wait for something new; False once the deadline has passed or the service drains."""
    follower.end_reading(found.reached, complete=True)
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            await follower.woken.wait()
    return follower.woken.is_set() and not follower.ended


def _answer(
    streams: Streams, position: int, found: Slice, reset: Reset | None = None
) -> web.Response:
    """Put together from encoded parts, like a stream's frames."""
    notifications = b",".join(
        frames.notification_json(e.seq, e.is_read, e.is_delivered, body_of(e))
        for e in found.entries
    )
    more = not is_complete(found) and found.mailbox.last_seq > position
    rest: dict[str, object] = {
        "cursor": str(Cursor(streams.epoch, position)),
        "timestamp": int(time.time() * 1000),
        "more": more,
    }
    if reset is not None:
        rest["reset"] = reset
    body = b'{"notifications":[%b],%b' % (notifications, to_json(rest)[1:])
    return web.Response(body=body, content_type="application/json")


@operation({200: Acknowledged}, body=Ack, refusals=[CursorRefused])
async def acknowledge(request: web.Request) -> web.Response:
    """Say that everything up to a cursor has arrived."""
    body = await read_body(request, Ack)
    epoch, user_id = request.app[STREAMS].epoch, request[CALLER].user_id
    cursor = parse_cursor(body.cursor, epoch)
    if cursor is None:
        raise CursorRefused("is not a cursor")
    if cursor.epoch != epoch:
        raise CursorRefused("belongs to another epoch; reload and take a new one")
    async with request.app[DATABASE].connection() as connection:
        ends = await mailboxes.last_seqs(connection, [user_id])
    if cursor.seq > ends.get(user_id, 0):
        raise CursorRefused("is beyond the end of the mailbox")
    reached = await request.app[STREAMS].acknowledged.up_to(user_id, cursor.seq)
    answer: Acknowledged = {"cursor": str(Cursor(epoch, reached))}
    return json_response(answer)

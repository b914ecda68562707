"""The live stream: Server-Sent Events."""

import random
import time
from contextlib import suppress

from aiohttp import web

from services.notifier import metrics
from services.notifier.api.admission import (
    ACK,
    admit,
    count_opening,
    new_connection,
    said_cursor,
)
from services.notifier.domain import Cursor
from services.notifier.errors import Draining
from services.notifier.keys import SETTINGS, STREAMS
from services.notifier.shapes.events import EVENTS
from services.notifier.streams import frames
from services.notifier.streams.connection import Connection, StreamResponse
from services.notifier.streams.example import example
from services.notifier.streams.feed import follow, give
from services.notifier.streams.offered import Offering
from services.notifier.streams.opening import Opening
from services.notifier.streams.parts import Streams
from shared.postgres.pool import DatabaseAway
from shared.web.app import HEALTH
from shared.web.contract import Events, Parameter, in_query, operation
from shared.web.pages import Query

# Clients reconnect after a random pause of their own, so that a restart is no stampede.
RETRY_MS = (1000, 5000)

LAST_EVENT_ID = Parameter(
    "Last-Event-ID",
    "header",
    {"type": "string"},
    "The id of the last event the client has: all after it follows. Without it, what was never "
    "delivered follows. Wins over `lastEventId`.",
)
LAST_EVENT_ID_QUERY = in_query(
    "lastEventId", "The same, for clients that can't set headers: an event's id."
)
STREAM = Events(
    EVENTS,
    """
    An endless stream. `connected` comes first, `reset` directly after it where the client must
    reload, then a `notification` for each entry, once and in order, and a `heartbeat` at least
    every 30 s. `closed` and `token_expired` come last, if they come. The `id:` of an event is the
    cursor to resume with; `retry:` says how long to wait, in milliseconds.
    """,
    example(),
)


@operation(
    {200: STREAM},
    parameters=[LAST_EVENT_ID, LAST_EVENT_ID_QUERY, ACK],
    refusals=[Draining],
    takes_ticket=True,
)
async def stream(request: web.Request) -> web.StreamResponse:
    """Open the live stream."""
    streams = request.app[STREAMS]
    async with streams.turns:
        connection, response = await _open(request, streams)
    try:
        with metrics.OPEN_STREAMS.labels("stream").track_inprogress():
            await _serve(streams, connection)
        return response
    finally:
        metrics.STREAM_ENDINGS.labels(_how_it_ended(request, connection)).inc()
        connection.end()
        streams.hub.unregister(connection)


async def _open(request: web.Request, streams: Streams) -> tuple[Connection, StreamResponse]:
    """Let the caller in, find where the stream begins, and send the first frames and entries.

    What was read for them is let go of here: a stream that lasts for days must not hold it.
    """
    admission = await admit(request, Query(request))
    note = None if admission.acknowledged_by_client else streams.delivered.note
    offering = Offering(admission.caller.user_id, streams.offers, note)
    connection = new_connection(request, admission.caller, streams.epoch, offering)
    # Registered before the first read: what is stored in between is heard of.
    streams.hub.register(connection)
    try:
        cursor = _cursor_of(request)
        opening = await streams.openings.begin(connection, cursor)
        offering.starts(connection.id, opening.start)
        count_opening("stream", cursor, opening)
        response = StreamResponse()
        await response.prepare(request)
        await response.write(_first_frames(request, streams, connection, opening))
        connection.attach(request, response)
        connection.heartbeat_at = streams.sweep.next_heartbeat()
        if opening.reset is None:
            give(connection, opening.slice)
        else:
            connection.end_reading(opening.start, complete=True)
    except BaseException:
        streams.hub.unregister(connection)
        raise
    return connection, response


def _how_it_ended(request: web.Request, connection: Connection) -> str:
    """Why a stream ended. One that we ended while its client left frames unread was cut off."""
    if not connection.ended:
        return "left"
    if connection.expires_at <= time.time():
        return "expired"
    if "draining" in request.app[HEALTH].missing:
        return "drained"
    return "slow" if connection.is_blocked else "closed"


def _cursor_of(request: web.Request) -> str | None:
    """The header wins over the query."""
    header = said_cursor(request.headers.getall("Last-Event-ID", []))
    return header or said_cursor(request.query.getall("lastEventId", []))


def _first_frames(
    request: web.Request, streams: Streams, connection: Connection, opening: Opening
) -> bytes:
    """`connected` and, in the same write, `reset`: a client that saw only the first would resume
    from a position that it never reloaded for."""
    mailbox = opening.slice.mailbox
    start = Cursor(streams.epoch, opening.start)
    first = frames.retry(random.randint(*RETRY_MS)) + frames.connected(  # noqa: S311
        connection.user_id,
        int(time.time() * 1000),
        start,
        Cursor(streams.epoch, mailbox.last_seq),
        mailbox.unread,
        request.app[SETTINGS].heartbeat_seconds,
    )
    if opening.reset is None:
        return first
    return first + frames.reset(streams.openings.reset_data(opening, opening.reset), start)


async def _serve(streams: Streams, connection: Connection) -> None:
    streams.sessions.opened(connection)
    try:
        # A stream cut short resumes by its cursor: no need to tell it more.
        with suppress(DatabaseAway):
            await follow(connection, streams.feed)
    finally:
        streams.sessions.ended(connection)

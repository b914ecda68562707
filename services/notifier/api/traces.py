"""Where a notification is, to its owner: for whoever asks why something has not arrived."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, with_config
from typing_extensions import TypedDict

from services.notifier.api.notifications import ID, id_in_path
from services.notifier.domain import NotificationType
from services.notifier.errors import NotificationNotFound
from services.notifier.keys import STREAMS
from services.notifier.shapes.notifications import NotificationId
from services.notifier.storage import traces
from services.notifier.storage.traces import EntryTrace
from services.notifier.streams.offered import REMEMBERED
from services.notifier.streams.remembering import Remembered
from shared.web.app import DATABASE
from shared.web.contract import operation
from shared.web.identity import CALLER
from shared.web.json import json_response, timestamp
from shared.web.shapes import Id, Timestamp, documented


@with_config(documented())
class Offer(TypedDict):
    """The notification was written to a stream."""

    streamId: Id
    at: Timestamp


@with_config(documented())
class Offered(TypedDict):
    """What one replica remembers of its last 20,000 writes to streams. A restart forgets them, and
    a poll's answer is no write."""

    replica: Annotated[str, Field(examples=["notifier-1"])]
    since: Timestamp
    """From when on it remembers."""
    streams: Annotated[list[Offer], Field(max_length=REMEMBERED)]


@with_config(documented())
class Trace(TypedDict):
    """What is known of a notification's way. Times are null where nothing noted them: of what has
    not happened, of what another replica saw or none remembers, and of what was stored before they
    were kept."""

    id: NotificationId
    type: NotificationType
    eventId: Id
    traceId: (
        Annotated[
            str, Field(pattern="^[0-9a-f]{32}$", examples=["0af7651916cd43dd8448eb211c80319c"])
        ]
        | None
    )
    """Of the call that gave rise to it (W3C trace context); null where several did together."""
    publishedAt: Timestamp
    """The change was committed, and the event with it."""
    persistedAt: Timestamp | None
    """It was put into the mailbox."""
    offered: list[Offered]
    """By the replicas that answered within half a second."""
    isDelivered: bool
    deliveredAt: Timestamp | None
    """It counted as delivered: by the first write that counts, or by the client's proof."""
    acknowledgedAt: Timestamp | None
    """A client proved that it has it: by an ack, or by a cursor to go on from."""
    isRead: bool
    readAt: Timestamp | None
    """It was marked as read; null as well for one that was born read."""


@operation({200: Trace}, parameters=[ID], refusals=[NotificationNotFound])
async def one(request: web.Request) -> web.Response:
    """Follow a notification.

    From the change that it tells of, through the mailbox and to the caller's streams, with the
    times that are known. Nothing of its content is in the answer.
    """
    user_id, seq = request[CALLER].user_id, id_in_path(request)
    async with request.app[DATABASE].connection() as connection:
        found = await traces.one(connection, user_id, seq)
    if found is None:
        raise NotificationNotFound
    stored_at = 0.0 if found.persisted_at is None else found.persisted_at.timestamp()
    remembered = await request.app[STREAMS].remembering.of(user_id, seq, stored_at)
    return json_response(_answer(found, remembered))


def _answer(entry: EntryTrace, replicas: Sequence[Remembered]) -> Trace:
    acknowledged = [r.acknowledged_at for r in replicas if r.acknowledged_at is not None]
    delivered = [written.at for r in replicas for written in r.written if written.counts]
    return {
        "id": str(entry.seq),
        "type": entry.type,
        "eventId": entry.event_id,
        "traceId": entry.trace_id,
        "publishedAt": timestamp(entry.published_at),
        "persistedAt": _known(entry.persisted_at),
        "offered": [_offered(replica) for replica in replicas],
        "isDelivered": entry.is_delivered,
        "deliveredAt": _first(delivered + acknowledged) if entry.is_delivered else None,
        "acknowledgedAt": _first(acknowledged),
        "isRead": entry.is_read,
        "readAt": _known(entry.read_at),
    }


def _offered(replica: Remembered) -> Offered:
    return {
        "replica": replica.replica,
        "since": timestamp(replica.since),
        "streams": [{"streamId": w.stream_id, "at": timestamp(w.at)} for w in replica.written],
    }


def _first(moments: Sequence[datetime]) -> str | None:
    return _known(min(moments, default=None))


def _known(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)

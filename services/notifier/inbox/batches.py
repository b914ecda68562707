"""From a batch of events to entries, and on to the streams once they are committed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

from services.notifier.actions.entries import Stored, store_batch
from services.notifier.domain import Notice
from services.notifier.inbox.screening import Screening
from services.notifier.inbox.translations import translate
from services.notifier.streams import frames
from services.notifier.streams.hub import Hub, Push
from services.notifier.streams.live import Live
from shared.events.envelope import Event
from shared.postgres.pool import Database

# Rows in one transaction: beyond it the locks on mailboxes are held for too long.
MAX_ROWS = 5000


class Batches:
    """The consumer's handler."""

    def __init__(
        self,
        database: Database,
        screening: Screening,
        erasing: asyncio.Event,
        hub: Hub,
        live: Live,
    ) -> None:
        """`erasing` is set when somebody is to be erased."""
        self._database = database
        self._screening = screening
        self._erasing = erasing
        self._hub = hub
        self._live = live

    async def handle(self, events: Sequence[Event]) -> Callable[[], Awaitable[None]]:
        """Store `events` in order; answers what pushes them, for before the acknowledgement.

        Raises DatabaseAway. What was committed before a failure is pushed at once: when the batch
        comes again its events are known, and nobody would be told.
        """
        pushes: list[Push] = []

        async def push() -> None:
            self._hub.push(pushes)
            if pushes:
                await self._live.tell(pushes)
            for user_id in erased:
                await self._live.disconnect(user_id)
            await self._hub.at_rest()

        erased: list[str] = []
        try:
            events = await self._screening.screened(events)
            await store(self._database, events, pushes)
            erased += await self._screening.note_erasures(events)
        except BaseException:
            self._hub.push(pushes)
            raise
        if erased:
            self._erasing.set()
        return push


async def store(database: Database, events: Sequence[Event], pushes: list[Push]) -> None:
    """Store `events` in order, and add to `pushes` what became of each as it is committed.

    Raises DatabaseAway.
    """
    for notices in _transactions(_unique(events)):
        pushes += [_push(stored) for stored in await store_batch(database, notices)]


def _unique(events: Sequence[Event]) -> Iterator[Notice]:
    seen = set()
    for event in events:
        notice = translate(event)
        if notice is not None and event.id not in seen:
            seen.add(event.id)
            yield notice


def _transactions(notices: Iterator[Notice]) -> Iterator[list[Notice]]:
    """Cut into transactions of bounded size. A deletion begins a new one: a message that is sent
    and deleted in the same batch must be stored before its content can be taken out."""
    batch: list[Notice] = []
    rows = 0
    for notice in notices:
        if batch and (rows + len(notice.audience) > MAX_ROWS or notice.type == "message.deleted"):
            yield batch
            batch, rows = [], 0
        batch.append(notice)
        rows += len(notice.audience)
    if batch:
        yield batch


def _push(stored: Stored) -> Push:
    notice = stored.notice
    body = frames.shared_body(
        notice.type,
        notice.title,
        notice.message,
        notice.data,
        notice.created_at,
        notice.event_id,
    )
    return Push(body, notice.position, notice.audience, stored.recipients)

"""From a batch of events to entries, and on to the streams once they are committed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

from services.notifier import metrics
from services.notifier.actions.entries import Stored, store_batch
from services.notifier.domain import Notice
from services.notifier.inbox.screening import Screening
from services.notifier.inbox.translations import translate
from services.notifier.storage.entries import Recipient
from services.notifier.streams import frames
from services.notifier.streams.awaited import Awaited
from services.notifier.streams.hub import Hub, Push
from services.notifier.streams.live import Live
from shared import telemetry
from shared.erasures.facts import cut_after_erasures
from shared.events.envelope import Event
from shared.postgres.pool import Database
from shared.trace_context import is_sampled

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
        awaited: Awaited | None = None,
    ) -> None:
        """`erasing` is set when somebody is to be erased."""
        self._database = database
        self._screening = screening
        self._erasing = erasing
        self._hub = hub
        self._live = live
        self._awaited = awaited

    async def handle(self, events: Sequence[Event]) -> Callable[[], Awaitable[None]]:
        """Store `events` in order; answers what pushes them, for before the acknowledgement.

        Raises DatabaseAway. What was committed before a failure is pushed at once: when the batch
        comes again its events are known, and nobody would be told.
        """
        landed = Landed(self._awaited)

        async def push() -> None:
            self._hub.push(landed.pushes)
            if landed.pushes:
                await self._live.tell(landed.pushes, landed.committed_at, landed.traces)
            for user_id in erased:
                await self._live.disconnect(user_id)
            await self._hub.at_rest()

        erased: list[str] = []
        try:
            for part in cut_after_erasures(events):
                erased += await self._take(part, landed)
        except BaseException:
            self._hub.push(landed.pushes)
            raise
        if erased:
            self._erasing.set()
        return push

    async def _take(self, events: Sequence[Event], landed: "Landed") -> list[str]:
        """Store part of a batch; answers who is to be erased."""
        events = await self._screening.screened(events)
        await store(self._database, events, landed)
        return await self._screening.note_erasures(events)


class Landed:
    """What was committed so far: what to push, and the trace that each push shows in, or None."""

    def __init__(self, awaited: Awaited | None = None) -> None:
        self.pushes: list[Push] = []
        self.traces: list[str | None] = []
        self.committed_at = 0.0
        self._awaited = awaited

    def add(self, batch: Sequence[Stored], began: float) -> None:
        """A transaction that began at `began`, in epoch seconds, has committed."""
        self.committed_at = time.time()
        self.pushes += [_push(stored) for stored in batch]
        self.traces += [_recorded(stored.notice.traceparent) for stored in batch]
        for stored in batch:
            if stored.recipients:
                self._see(stored.notice, stored.recipients, began, len(batch))

    def _see(
        self, notice: Notice, recipients: Sequence[Recipient], began: float, together: int
    ) -> None:
        metrics.ENTRIES_STORED.labels(notice.type).inc(len(recipients))
        if telemetry.is_on():
            telemetry.record_span(
                "store entries",
                notice.traceparent,
                began,
                self.committed_at,
                attributes={"recipients": len(recipients), "events": together},
            )
        if self._awaited is not None:
            self._awaited.committed(recipients, self.committed_at, "here", notice.traceparent)


def _recorded(traceparent: str | None) -> str | None:
    return traceparent if traceparent is not None and is_sampled(traceparent) else None


async def store(database: Database, events: Sequence[Event], landed: Landed) -> None:
    """Store `events` in order, and add to `landed` what became of each as it is committed.

    Raises DatabaseAway.
    """
    for notices in _transactions(_without_taken_back(_unique(events))):
        began = time.time()
        landed.add(await store_batch(database, notices), began)


def _unique(events: Sequence[Event]) -> Iterator[Notice]:
    seen = set()
    for event in events:
        notice = translate(event)
        if notice is not None and event.id not in seen:
            seen.add(event.id)
            yield notice


def _without_taken_back(notices: Iterator[Notice]) -> Iterator[Notice]:
    """The notices, those of messages blanked that are deleted further on in the batch: pushes come
    last, and would show the content when its deletion has been known, and answered, for a while."""
    batch = list(notices)
    deleted = {notice.message_id for notice in batch if notice.type == "message.deleted"}
    for notice in batch:
        taken_back = notice.type == "message.new" and notice.message_id in deleted
        yield notice.blanked() if taken_back else notice


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

"""Handing events of the log to a service's handler: in order, in batches, and counted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from shared.errors import Refusal, Unavailable
from shared.events.envelope import Event, Undecodable, UnknownFact, decode
from shared.rabbitmq.replay import Ends, Log, Logged, Start
from shared.rabbitmq.topology import ServiceQueue

# Clocks differ, and an event is dated before it is published.
CLOCK_MARGIN = timedelta(minutes=1)
CATCH_UP_SECONDS = 30.0
AWAY_SECONDS = 60.0
RETRY_SECONDS = 0.5
NAMED_FAILURES = 20

# Handles events in order, commits, and answers how many of them were new to the service. Raises
# Unavailable when a dependency is away.
Handle = Callable[[Sequence[Event]], Awaitable[int]]


class ReplayRefused(Refusal):
    """Why a replay did not begin, or did not go on."""

    code = "replay_refused"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which events of the log to replay; no types and no group mean all."""

    start: Start = "first"
    types: frozenset[str] = frozenset()
    group_id: UUID | None = None

    @property
    def attach_at(self) -> Start:
        """Where to begin reading: a bit before a moment."""
        return self.start - CLOCK_MARGIN if isinstance(self.start, datetime) else self.start

    @property
    def is_everything(self) -> bool:
        return self.start == "first" and not self.types and self.group_id is None

    def takes(self, event: Event) -> bool:
        return (
            (not isinstance(self.start, datetime) or event.time >= self.start)
            and (not self.types or event.type in self.types)
            and (self.group_id is None or event.fact.subject == self.group_id)
        )


@dataclass
class Tally:
    """What a replay has done so far. `skipped` events were handled before, or tell nobody."""

    ends: Ends | None = None
    read: int = 0
    matched: int = 0
    new: int = 0
    failed: int = 0
    reached: int = -1
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def skipped(self) -> int:
        return self.matched - self.new - self.failed

    def fail(self, offset: int, reason: str) -> None:
        self.matched += 1
        self.failed += 1
        if len(self.failures) < NAMED_FAILURES:
            self.failures.append(f"offset {offset}: {reason}"[:300])


async def ensure_nothing_is_overtaken(log: Log, queue: ServiceQueue, choice: Choice) -> None:
    """Wait until the service has taken what waits in its queue. Raises ReplayRefused.

    Replaying everything from the first event stores each event after all that came before it, as
    the queue does, and both may go on at once. A part of the log, though, could hold an event
    whose predecessors still wait in the queue: people would be told of them in the wrong order.
    """
    if choice.is_everything:
        return
    give_up_at = asyncio.get_running_loop().time() + CATCH_UP_SECONDS
    while (waiting := await log.waiting_for(queue)).events:
        if not waiting.consumers or asyncio.get_running_loop().time() > give_up_at:
            raise ReplayRefused(
                f"{waiting.events} events wait in {queue.name}, and {waiting.consumers} replicas "
                "take from it: a part of the log would overtake them. Replay again when the "
                "service has caught up, or replay everything: --from first without filters."
            )
        await asyncio.sleep(RETRY_SECONDS)


class Replay:
    """One run over the log; `handle` is None when nothing shall change."""

    def __init__(
        self,
        log: Log,
        queue: ServiceQueue,
        choice: Choice,
        handle: Handle | None,
        tally: Tally,
    ) -> None:
        self._log = log
        self._queue = queue
        self._choice = choice
        self._handle = handle
        self._tally = tally

    async def run(self, watch: Callable[[], None]) -> None:
        """Up to the end of the log as it is now; calls `watch` whenever the tally has changed.

        Raises ReplayRefused when a dependency stays away; what was handled stays handled.
        """
        ends = self._tally.ends = await self._log.ends()
        start = self._choice.start
        if ends is None or (isinstance(start, int) and start > ends.last):
            return
        watch()
        async for batch in self._log.batches(self._choice.attach_at, ends.last):
            await self._settle(batch)
            self._tally.read += len(batch)
            self._tally.reached = batch[-1].offset if batch else self._tally.reached
            watch()

    async def _settle(self, batch: Sequence[Logged]) -> None:
        chosen: list[tuple[int, Event]] = []
        for logged in batch:
            if not self._queue.takes(logged.type):
                continue
            try:
                event = decode(logged.body)
            except (Undecodable, UnknownFact) as error:
                # The service has parked it; whether it would have matched, nobody can tell.
                self._tally.fail(logged.offset, str(error))
                continue
            if self._choice.takes(event):
                chosen.append((logged.offset, event))
        if chosen and self._handle is not None:
            await self._handle_together(self._handle, chosen)
        else:
            self._tally.matched += len(chosen)

    async def _handle_together(self, handle: Handle, chosen: Sequence[tuple[int, Event]]) -> None:
        try:
            self._tally.new += await _patiently(handle, [event for _, event in chosen])
            self._tally.matched += len(chosen)
        except Unavailable as error:
            raise ReplayRefused(f"{error.detail} Go on with --offset {chosen[0][0]}.") from error
        except Exception as error:
            if len(chosen) == 1:
                self._tally.fail(chosen[0][0], f"{type(error).__name__}: {error}")
                return
            for one in chosen:
                await self._handle_together(handle, [one])


async def _patiently(handle: Handle, events: Sequence[Event]) -> int:
    """Try again while a dependency is away, but not for ever: somebody waits at a terminal."""
    async with asyncio.timeout(AWAY_SECONDS) as deadline:
        while True:
            try:
                return await handle(events)
            except Unavailable:
                loop = asyncio.get_running_loop()
                if (deadline.when() or 0) - loop.time() < 2 * RETRY_SECONDS:
                    raise
                await asyncio.sleep(RETRY_SECONDS)

"""Sending messages: those that arrive while a transaction runs share the next one.

Alone, a message has a transaction of its own, at once; under load a commit, which costs the same
for one and for a hundred, serves all that gathered since the one before began. A group whose row
somebody else holds is waited for apart, so that it holds up nobody but its own members.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextvars import Context
from uuid import UUID

from services.chat.actions.post_together import Call, Posted, post_together
from services.chat.domain.messages import Draft
from shared import telemetry, trace_context
from shared.errors import Unavailable
from shared.outbox.record import Outbox
from shared.pace import Pace

# Transactions at once: one runs while the other commits.
TRANSACTIONS = 2
# Groups waited for at once, each with a connection of its own.
WAITED_FOR = 3
# Messages that come one right behind the other share a transaction.
PACE_SECONDS = 0.005
# Messages in one transaction; beyond it their groups' locks are held for too long.
TOGETHER = 100


class Posting:
    """Sends messages; the other members learn of each by MessageSent. `moved` is rung when senders
    of earlier messages have something to be told."""

    def __init__(self, outbox: Outbox, moved: asyncio.Event) -> None:
        self._outbox = outbox
        self._moved = moved
        self._waiting: list[Call] = []
        self._workers = 0
        self._pace = Pace(PACE_SECONDS)
        # Groups that one of the workers has locked: the other would only find them taken.
        self._busy: set[UUID] = set()
        self._lanes: dict[UUID, list[Call]] = {}
        self._patience = asyncio.Semaphore(WAITED_FOR)
        self._tasks: set[asyncio.Task[None]] = set()

    async def post(self, group_id: UUID, author: tuple[str, str | None], draft: Draft) -> Posted:
        """Send `draft` as `author` (id, name on the token).

        Raises GroupNotFound, OnlyAdminsPost, ClientMessageIdReused, DatabaseAway.
        """
        outcome: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()
        with telemetry.span("post together", trace_context.current()) as span:
            call = Call(group_id, *author, draft, span.traceparent, outcome)
            self._hand_over(call)
            return await outcome

    def _hand_over(self, call: Call) -> None:
        group_id = call.group_id
        if group_id in self._lanes:
            self._lanes[group_id].append(call)
        else:
            self._waiting.append(call)
            if self._workers < TRANSACTIONS:
                self._workers += 1
                self._start(self._work())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        # Of no caller's context: it works for many, and its log lines are nobody's.
        task = asyncio.create_task(work, context=Context())
        # The loop itself keeps only weak references.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        try:
            while calls := await self._next():
                groups = {call.group_id for call in calls}
                self._busy |= groups
                try:
                    await self._settle(calls, patient=False)
                finally:
                    self._busy -= groups
        finally:
            self._workers -= 1

    async def _next(self) -> list[Call]:
        """What one transaction may take of what waits: other calls of busy groups stay, for the
        worker that has those groups now."""
        if not self._waiting:
            return []
        await self._pace.next()
        free = [call for call in self._waiting if call.group_id not in self._busy][:TOGETHER]
        taken = set(free)
        self._waiting = [call for call in self._waiting if call not in taken]
        return free

    async def _settle(self, calls: Sequence[Call], *, patient: bool) -> Unavailable | None:
        """Give each call its outcome, or its place among those who wait apart. Tells what was
        away, if something was: then everybody has been told."""
        try:
            outcomes = await post_together(self._outbox, self._moved, calls, patient=patient)
        except Unavailable as away:
            for call in calls:
                call.settle(away)
            return away
        except Exception as error:
            if len(calls) == 1:
                calls[0].settle(error)
                return None
            # One of them is the cause: the others must not suffer for it.
            for call in calls:
                await self._settle([call], patient=patient)
            return None
        for call, outcome in zip(calls, outcomes, strict=True):
            if outcome is None:
                self._wait_apart(call)
            else:
                call.settle(outcome)
        return None

    def _wait_apart(self, call: Call) -> None:
        if call.group_id in self._lanes:
            self._lanes[call.group_id].append(call)
        else:
            self._lanes[call.group_id] = [call]
            self._start(self._wait_for(call.group_id))

    async def _wait_for(self, group_id: UUID) -> None:
        """Send what gathers for a group that somebody else has locked; when it does not come free
        in time, all who wait for it are told so."""
        lane = self._lanes[group_id]
        async with self._patience:
            while lane:
                calls = lane[:TOGETHER]
                del lane[:TOGETHER]
                if away := await self._settle(calls, patient=True):
                    for call in lane:
                        call.settle(away)
                    lane.clear()
            del self._lanes[group_id]

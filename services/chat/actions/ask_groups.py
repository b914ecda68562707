"""Bringing the copy of one group up to date, when a call finds something missing in it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from pydantic_core import to_json

from services.chat.actions.copy_groups import GroupsEvent, apply_snapshot
from services.chat.errors import GroupsAway, RestsOnCopy
from services.chat.groups_client import GroupsClient
from services.chat.storage import groups
from shared.errors import Forbidden
from shared.events.envelope import Undecodable, UnknownFact, decode
from shared.events.groups import GroupSnapshot
from shared.outbox.record import Outbox
from shared.postgres.pool import Database

# How long a refusal that groups confirmed stands without asking again.
REMEMBER_SECONDS = 1.0
REMEMBERED = 10_000

T = TypeVar("T")


class GroupCopy:
    """Asks groups before a refusal that rests on the copy stands: who created a group or was added
    to it a moment ago finds it here at once.

    Bounded: one question at a time about each group, and after an answer that did not help, none
    for the same person and group for a second.
    """

    def __init__(self, database: Database, outbox: Outbox, client: GroupsClient) -> None:
        self._database = database
        self._outbox = outbox
        self._client = client
        self._asking: dict[UUID, tuple[float, asyncio.Task[None]]] = {}
        self._refused: OrderedDict[tuple[UUID, str], float] = OrderedDict()

    async def consulted(self, user_id: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """The outcome of `attempt`, tried again after groups was asked if it was refused because
        of what the copy says about `user_id`.

        Raises what `attempt` raises, or GroupsAway when only groups could tell.
        """
        try:
            return await attempt()
        except RestsOnCopy as refusal:
            if refusal.group_id is None or self._is_refused(refusal.group_id, user_id):
                raise
            return await self._after_asking(refusal.group_id, user_id, refusal, attempt)

    async def refresh(self, group_id: UUID) -> None:
        """Bring the copy up to everything that groups has committed about the group so far. Raises
        GroupsAway, DatabaseAway."""
        called, asked = time.monotonic(), 0.0
        while asked < called:
            asked = await self._ask(group_id)

    async def _after_asking(
        self,
        group_id: UUID,
        user_id: str,
        refusal: RestsOnCopy,
        attempt: Callable[[], Awaitable[T]],
    ) -> T:
        called, asked = time.monotonic(), 0.0
        # An answer that was on its way before may be older than the change that matters here.
        while asked < called:
            try:
                asked = await self._ask(group_id)
            except GroupsAway:
                if isinstance(refusal, Forbidden):
                    # The copy knows the member: it can tell by itself.
                    raise refusal from None
                raise
            try:
                return await attempt()
            except RestsOnCopy as again:
                refusal = again
        self._refuse(group_id, user_id)
        raise refusal

    async def _ask(self, group_id: UUID) -> float:
        """Ask, or wait for the answer to a question on its way; tells when it was asked."""
        if group_id not in self._asking:
            task = asyncio.create_task(self._until_answered(group_id))
            self._asking[group_id] = (time.monotonic(), task)
            # Looked at, or it would be called lost where all who waited for it have gone.
            task.add_done_callback(lambda task: task.cancelled() or task.exception())
        asked, task = self._asking[group_id]
        # Shielded: a client that goes away must not take the answer from the others who wait.
        await asyncio.shield(task)
        return asked

    async def _until_answered(self, group_id: UUID) -> None:
        try:
            await self._bring_up_to_date(group_id)
        finally:
            # At once, not by a callback of the task: who asks between its end and the callback
            # would find the old answer, again and again, and never give way to the callback.
            del self._asking[group_id]

    async def _bring_up_to_date(self, group_id: UUID) -> None:
        async with self._database.connection() as connection:
            known = await groups.members_version(connection, group_id)
        snapshot = await self._client.snapshot(group_id, known)
        if snapshot is not None:
            async with self._outbox.transaction() as connection:
                await apply_snapshot(connection, snapshot, _events(snapshot))

    def _is_refused(self, group_id: UUID, user_id: str) -> bool:
        return self._refused.get((group_id, user_id), 0.0) > time.monotonic()

    def _refuse(self, group_id: UUID, user_id: str) -> None:
        self._refused[group_id, user_id] = time.monotonic() + REMEMBER_SECONDS
        self._refused.move_to_end((group_id, user_id))
        if len(self._refused) > REMEMBERED:
            self._refused.popitem(last=False)


def _events(snapshot: GroupSnapshot) -> list[GroupsEvent]:
    """The facts that this version can read; the state covers the others, and the broker brings
    them to where they are parked."""
    events: list[GroupsEvent] = []
    for envelope in snapshot.facts:
        try:
            event = GroupsEvent.of(decode(to_json(envelope)))
        except (Undecodable, UnknownFact):
            continue
        if event is not None and event.fact.group.id == snapshot.group.id:
            events.append(event)
    return events

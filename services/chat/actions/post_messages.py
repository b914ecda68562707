"""Sending messages: those that arrive while a transaction runs share the next one.

Nothing waits by a timer: alone, a message has a transaction of its own; under load a commit, which
costs the same for one and for a hundred, serves all that gathered meanwhile.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.chat.actions.facts import message_sent
from services.chat.domain.groups import Group
from services.chat.domain.messages import Draft, Message
from services.chat.domain.posting import Sender, next_message
from services.chat.domain.receipts import Move
from services.chat.errors import ClientMessageIdReused, GroupNotFound
from services.chat.storage import groups, messages, pending_receipts, posts
from services.chat.storage.posts import Senders
from shared.errors import Refusal, Unavailable
from shared.events.chat import MessageSent
from shared.outbox.record import Outbox, record
from shared.postgres.pool import Connection

# Transactions at once: one runs while the other commits.
TRANSACTIONS = 2
# Messages in one; beyond it their groups' locks are held for too long.
TOGETHER = 100


@dataclass(frozen=True, slots=True)
class Posted:
    """`is_new` is false when an earlier call with the same client id had sent the message."""

    message: Message
    is_new: bool


@dataclass(eq=False, slots=True)
class _Call:
    group_id: UUID
    author_id: str
    author_name: str | None
    draft: Draft
    outcome: "asyncio.Future[Posted]"


class Posting:
    """Sends messages; the other members learn of each by MessageSent. `moved` is rung when senders
    of earlier messages have something to be told."""

    def __init__(self, outbox: Outbox, moved: asyncio.Event) -> None:
        self._outbox = outbox
        self._moved = moved
        self._waiting: list[_Call] = []
        self._workers: set[asyncio.Task[None]] = set()

    async def post(self, group_id: UUID, author: tuple[str, str | None], draft: Draft) -> Posted:
        """Send `draft` as `author` (id, name on the token).

        Raises GroupNotFound, OnlyAdminsPost, ClientMessageIdReused, DatabaseAway.
        """
        outcome: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Call(group_id, *author, draft, outcome))
        if len(self._workers) < TRANSACTIONS:
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await outcome

    async def _work(self) -> None:
        while self._waiting:
            calls, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            await self._settle(calls)

    async def _settle(self, calls: Sequence[_Call]) -> None:
        outcomes: Sequence[Posted | Exception]
        try:
            outcomes = await self._transact(calls)
        except Exception as error:
            if len(calls) > 1 and not isinstance(error, Unavailable):
                # One of them is the cause: the others must not suffer for it.
                for call in calls:
                    await self._settle([call])
                return
            outcomes = [error] * len(calls)
        for call, outcome in zip(calls, outcomes, strict=True):
            if call.outcome.cancelled():
                continue
            if isinstance(outcome, Posted):
                call.outcome.set_result(outcome)
            else:
                call.outcome.set_exception(outcome)

    async def _transact(self, calls: Sequence[_Call]) -> Sequence[Posted | Exception]:
        """One transaction. The groups' row locks make the order of `seq` the order of commits, and
        let of two calls with one client id the second find the first."""
        async with self._outbox.transaction() as connection:
            ids = sorted({call.group_id for call in calls})
            round_ = _Round(
                await groups.lock(connection, ids),
                await posts.lock_senders(
                    connection,
                    [(c.group_id, c.author_id, c.draft.client_message_id) for c in calls],
                ),
            )
            outcomes = [await round_.outcome(connection, call) for call in calls]
            await round_.write(connection)
        if round_.moves:
            self._moved.set()
        return outcomes


@dataclass(slots=True)
class _Round:
    """The state of one transaction: what is locked, and what is to be written."""

    groups: dict[UUID, Group]
    senders: Senders
    posted: dict[tuple[UUID, str, str], Message] = field(default_factory=dict)
    sent: list[MessageSent] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    async def outcome(self, connection: Connection, call: _Call) -> Posted | Refusal:
        try:
            return await self._post(connection, call)
        except Refusal as refusal:
            return refusal

    async def _post(self, connection: Connection, call: _Call) -> Posted:
        group = self.groups.get(call.group_id)
        if group is None or group.is_deleted:
            raise GroupNotFound(None if group else call.group_id)
        sender = self.senders.by_key.get((group.id, call.author_id))
        if sender is None:
            raise GroupNotFound(group.id)
        if (first := await self._first(connection, call)) is not None:
            # An answer once given stands, even if only admins may send by now.
            if not first.is_answer_to(call.draft):
                raise ClientMessageIdReused
            return Posted(first, is_new=False)
        return Posted(self._send(group, sender, call), is_new=True)

    async def _first(self, connection: Connection, call: _Call) -> Message | None:
        """The message that already bears the call's client id: from an earlier transaction, or
        from this one."""
        if call.draft.client_message_id is None:
            return None
        key = (call.group_id, call.author_id, call.draft.client_message_id)
        if (seq := self.senders.earlier.get(key)) is not None:
            [message] = await messages.page(connection, call.group_id, seq, seq)
            return message
        return self.posted.get(key)

    def _send(self, group: Group, sender: Sender, call: _Call) -> Message:
        audience = [u for u in self.senders.members[group.id] if u != sender.user_id]
        overtaken = sender.overtakes(group)
        message = next_message(group, sender, call.author_name, call.draft, len(audience))
        self.moves += overtaken
        self.messages.append(message)
        self.sent.append(message_sent(group.ref, message, audience))
        if message.client_message_id is not None:
            self.posted[group.id, sender.user_id, message.client_message_id] = message
        return message

    async def write(self, connection: Connection) -> None:
        if not self.messages:
            return
        touched = {(m.group_id, m.sender_id) for m in self.messages}
        await posts.write(
            connection,
            self.messages,
            [self.groups[group_id] for group_id in {group_id for group_id, _ in touched}],
            [(key[0], self.senders.by_key[key]) for key in touched],
        )
        if self.moves:
            await pending_receipts.add(connection, self.moves)
        await record(connection, *self.sent)

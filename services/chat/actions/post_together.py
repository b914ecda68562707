"""One transaction that sends several messages."""

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
from shared.errors import Refusal
from shared.events.chat import MessageSent
from shared.outbox.record import Outbox, events_of
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Posted:
    """`is_new` is false when an earlier call with the same client id had sent the message."""

    message: Message
    is_new: bool


@dataclass(eq=False, slots=True)
class Call:
    """Somebody wants to send a message, and waits for the outcome."""

    group_id: UUID
    author_id: str
    author_name: str | None
    draft: Draft
    traceparent: str | None
    outcome: "asyncio.Future[Posted]"

    def settle(self, outcome: Posted | Exception) -> None:
        if self.outcome.done():
            return
        if isinstance(outcome, Posted):
            self.outcome.set_result(outcome)
        else:
            self.outcome.set_exception(outcome)


async def post_together(
    outbox: Outbox, moved: asyncio.Event, calls: Sequence[Call], *, patient: bool
) -> list[Posted | Refusal | None]:
    """Send what the calls want to send; their outcomes, in the same order. The groups' row locks
    make the order of `seq` the order of commits, and let of two calls with one client id the
    second find the first.

    Unless `patient`, a group that somebody else has locked is left alone: its calls have no outcome
    yet. `moved` is rung when senders of earlier messages have something to be told. Raises
    DatabaseAway.
    """
    ids = sorted({call.group_id for call in calls})
    async with outbox.transaction() as connection:
        locked = await (groups.lock if patient else groups.lock_free)(connection, ids)
        missing = [group_id for group_id in ids if group_id not in locked]
        held = await groups.known(connection, missing) if missing and not patient else set()
        senders = await posts.lock_senders(
            connection,
            [
                (call.group_id, call.author_id, call.draft.client_message_id)
                for call in calls
                if call.group_id in locked
            ],
        )
        round_ = _Round(locked, senders)
        outcomes = [
            None if call.group_id in held else await round_.outcome(connection, call)
            for call in calls
        ]
        await round_.write(connection)
    if round_.moves:
        moved.set()
    return outcomes


@dataclass(slots=True)
class _Round:
    """The state of one transaction: what is locked, and what is to be written."""

    groups: dict[UUID, Group]
    senders: Senders
    posted: dict[tuple[UUID, str, str], Message] = field(default_factory=dict)
    sent: list[MessageSent] = field(default_factory=list)
    traces: list[str | None] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    async def outcome(self, connection: Connection, call: Call) -> Posted | Refusal:
        try:
            return await self._post(connection, call)
        except Refusal as refusal:
            return refusal

    async def _post(self, connection: Connection, call: Call) -> Posted:
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

    async def _first(self, connection: Connection, call: Call) -> Message | None:
        """The message that already bears the call's client id: from an earlier transaction, or
        from this one."""
        if call.draft.client_message_id is None:
            return None
        key = (call.group_id, call.author_id, call.draft.client_message_id)
        if (seq := self.senders.earlier.get(key)) is not None:
            [message] = await messages.page(connection, call.group_id, seq, seq)
            return message
        return self.posted.get(key)

    def _send(self, group: Group, sender: Sender, call: Call) -> Message:
        audience = [u for u in self.senders.members[group.id] if u != sender.user_id]
        overtaken = sender.overtakes(group)
        message = next_message(group, sender, call.author_name, call.draft, len(audience))
        self.moves += overtaken
        self.messages.append(message)
        self.sent.append(message_sent(group.ref, message, audience))
        self.traces.append(call.traceparent)
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
            events_of(self.sent, self.traces),
        )
        if self.moves:
            await pending_receipts.add(connection, self.moves)

"""Sending a message."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.chat.actions.facts import message_sent
from services.chat.domain.groups import Group
from services.chat.domain.messages import Draft, Message
from services.chat.domain.receipts import Move
from services.chat.errors import ClientMessageIdReused, GroupNotFound, OnlyAdminsPost
from services.chat.storage import groups, messages, pending_receipts, posts
from services.chat.storage.posts import Sender
from shared.ids import uuid7
from shared.outbox.record import Outbox, record
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Posted:
    """`is_new` is false when an earlier call with the same client id had sent the message."""

    message: Message
    is_new: bool


async def post_message(
    outbox: Outbox,
    moved: asyncio.Event,
    group_id: UUID,
    author: tuple[str, str | None],
    draft: Draft,
) -> Posted:
    """Send `draft` as `author` (id, name on the token); the other members learn of it by
    MessageSent. `moved` is rung when senders of earlier messages have something to be told.

    The group's row lock makes the order of `seq` the order of commits, and lets of two calls with
    one client id the second find the first. An answer once given stands: a repeated call gets it
    even if only admins may send by now, as long as its sender is a member.

    Raises GroupNotFound, OnlyAdminsPost, ClientMessageIdReused.
    """
    author_id, author_name = author
    async with outbox.transaction() as connection:
        group = (await groups.lock(connection, [group_id])).get(group_id)
        if group is None or group.is_deleted:
            raise GroupNotFound(None if group else group_id)
        sender = await posts.lock_sender(connection, group_id, author_id, draft.client_message_id)
        if sender is None:
            raise GroupNotFound(group_id)
        if sender.earlier_seq is not None:
            return await _repeated(connection, group_id, sender.earlier_seq, draft)
        if group.only_admins_can_message and sender.role != "admin":
            raise OnlyAdminsPost(group_id)
        message = _next_message(group, author_id, author_name or sender.name, sender, draft)
        await posts.write(connection, message)
        overtaken = _overtaken(group, author_id, sender)
        if overtaken:
            await pending_receipts.add(connection, overtaken)
        await record(connection, message_sent(group.ref, message, sender.audience))
    if overtaken:
        moved.set()
    return Posted(message, is_new=True)


async def _repeated(connection: Connection, group_id: UUID, seq: int, draft: Draft) -> Posted:
    [message] = await messages.page(connection, group_id, seq, seq)
    if not message.is_answer_to(draft):
        raise ClientMessageIdReused
    return Posted(message, is_new=False)


def _next_message(
    group: Group, author_id: str, author_name: str | None, sender: Sender, draft: Draft
) -> Message:
    return Message(
        id=uuid7(),
        group_id=group.id,
        seq=group.last_seq + 1,
        ordinal=group.last_ordinal + 1,
        sender_id=author_id,
        sender_name=author_name or author_id,
        type=draft.type,
        content=draft.content,
        metadata=draft.metadata,
        client_message_id=draft.client_message_id,
        is_deleted=False,
        created_at=datetime.now(UTC),
        total=len(sender.audience),
    )


def _overtaken(group: Group, author_id: str, sender: Sender) -> list[Move]:
    """What the author's own watermarks pass over by sending: others' messages count as read from
    now on, and their senders are told the same as `/status` says."""
    if sender.read_ordinal == group.last_ordinal:
        return []
    whose = author_id if group.receipts == "individual" else None
    moves = [Move(group.id, "read", whose, sender.read_seq, group.last_seq)]
    if sender.delivered_seq < group.last_seq:
        moves.append(Move(group.id, "delivered", whose, sender.delivered_seq, group.last_seq))
    return moves

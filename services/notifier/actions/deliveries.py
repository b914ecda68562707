"""Delivered watermarks, and telling chat what they cover."""

from collections.abc import Mapping
from uuid import UUID

from services.notifier.storage import entries, mailboxes
from shared.events.notifier import MAX_DELIVERIES, Delivery, NotificationDelivered
from shared.outbox.record import Outbox, record
from shared.postgres.pool import Connection


async def raise_watermarks(
    outbox: Outbox, delivered: Mapping[str, int], messages: Mapping[tuple[str, UUID], int]
) -> None:
    """Everything up to `delivered[user]` has reached that user, among it the messages up to
    `messages[user, group]`. Raises DatabaseAway."""
    async with outbox.transaction() as connection:
        await mailboxes.raise_delivered(connection, delivered)
        await _tell_chat(
            connection,
            [
                Delivery(user_id=user_id, group_id=group_id, up_to_seq=seq)
                for (user_id, group_id), seq in messages.items()
            ],
        )


async def acknowledge(outbox: Outbox, user_id: str, seq: int) -> int:
    """`user_id` has everything up to `seq`; answers the watermark, which never falls.

    Positions beyond the mailbox's end are the caller's to refuse; here they count as the end.
    Raises DatabaseAway.
    """
    async with outbox.transaction() as connection:
        mailbox = await mailboxes.lock(connection, user_id)
        if mailbox is None:
            return 0
        up_to = min(seq, mailbox.last_seq)
        if up_to <= mailbox.delivered_seq:
            return mailbox.delivered_seq
        newest = await entries.newest_messages(connection, mailbox.id, mailbox.delivered_seq, up_to)
        await mailboxes.raise_delivered(connection, {user_id: up_to})
        await _tell_chat(
            connection,
            [
                Delivery(user_id=user_id, group_id=position.group_id, up_to_seq=position.seq)
                for position in newest
            ],
        )
        return up_to


async def _tell_chat(connection: Connection, deliveries: list[Delivery]) -> None:
    facts = [
        NotificationDelivered(deliveries=tuple(deliveries[start : start + MAX_DELIVERIES]))
        for start in range(0, len(deliveries), MAX_DELIVERIES)
    ]
    if facts:
        await record(connection, *facts)

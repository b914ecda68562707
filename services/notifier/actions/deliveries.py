"""Delivered watermarks, and telling chat what they cover."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.notifier.storage import acknowledgements, mailboxes
from shared.events.notifier import MAX_DELIVERIES, Delivery, NotificationDelivered
from shared.outbox.record import Outbox, events_of, record


async def raise_watermarks(
    outbox: Outbox, delivered: Mapping[str, int], messages: Mapping[tuple[str, UUID], int]
) -> None:
    """Everything up to `delivered[user]` has reached that user, among it the messages up to
    `messages[user, group]`. Raises DatabaseAway."""
    facts = _facts(
        [
            Delivery(user_id=user_id, group_id=group_id, up_to_seq=seq)
            for (user_id, group_id), seq in messages.items()
        ]
    )
    async with outbox.statement() as connection:
        await mailboxes.raise_delivered(connection, delivered, events_of(facts))


async def acknowledge(outbox: Outbox, wanted: Sequence[tuple[str, int]]) -> list[int]:
    """Each (user, position) has everything up to there; answers their watermarks, in the same
    order. A watermark never falls.

    Positions beyond a mailbox's end are the caller's to refuse; here they count as the end.
    Raises DatabaseAway.
    """
    async with outbox.transaction() as connection:
        raised = await acknowledgements.raise_watermarks(connection, wanted)
        facts = _facts(
            [
                Delivery(user_id=user_id, group_id=position.group_id, up_to_seq=position.seq)
                for user_id, mark in raised.items()
                for position in mark.messages
            ]
        )
        if facts:
            await record(connection, *facts)
    return [raised[user_id].seq if user_id in raised else 0 for user_id, _ in wanted]


def _facts(deliveries: Sequence[Delivery]) -> list[NotificationDelivered]:
    """What chat is told."""
    return [
        NotificationDelivered(deliveries=tuple(deliveries[start : start + MAX_DELIVERIES]))
        for start in range(0, len(deliveries), MAX_DELIVERIES)
    ]

"""Facts of the notifier service. Owner: the notifier team."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.fact import Erasure, Fact, UserId, Wire

# Keeps one fact well below the broker's frame and a handler's batch.
MAX_DELIVERIES = 1000


class Delivery(Wire):
    """`user_id` was delivered every message of the group up to and including `up_to_seq`."""

    user_id: UserId
    group_id: UUID
    up_to_seq: int = Field(ge=1)


class NotificationDelivered(Fact):
    """`message.new` entries reached their owners: coalesced over people and groups.

    It carries positions instead of message ids: a mailbox is delivered in order, so the newest
    position says the same in constant size. Facts may come late or twice; positions only rise.
    """

    TYPE: ClassVar[str] = "notifier.notification.delivered.v1"
    deliveries: tuple[Delivery, ...] = Field(min_length=1, max_length=MAX_DELIVERIES)


class PersonErasedFromNotifier(Erasure):
    """Nothing of the person is left in the notifier, which is the last to erase: the erasure is
    complete."""

    TYPE: ClassVar[str] = "notifier.person.erased.v1"

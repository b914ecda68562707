"""Filling an empty database from the log, while nobody else writes to it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from uuid import UUID

from shared.events.envelope import Event
from shared.operations.replaying import Handle, ReplayRefused
from shared.rabbitmq.replay import Log
from shared.rabbitmq.topology import ServiceQueue


class Rebuild(Protocol):
    """What a service does around the replay that fills its database."""

    async def is_empty(self) -> bool:
        """Whether nothing was stored yet. Raises DatabaseAway."""
        ...

    async def held(self) -> set[UUID]:
        """The ids of the events that it holds something of. Raises DatabaseAway."""
        ...

    async def finish(self) -> None:
        """Everything in the log is stored. Raises DatabaseAway."""
        ...


async def rebuild(
    log: Log, queue: ServiceQueue, service: Rebuild, replay: Callable[[], Awaitable[None]]
) -> None:
    """Replay everything into an empty database. Raises ReplayRefused where the result could differ
    from what was there.

    No replica may consume meanwhile: it would put new events before old ones. They wait in the
    queue; those that the log has as well are skipped when their turn comes.
    """
    if consumers := (await log.waiting_for(queue)).consumers:
        raise ReplayRefused(
            f"{consumers} replicas of {queue.service} consume. Stop all of them, and begin again: "
            "their new events would come before the old ones."
        )
    if not await service.is_empty():
        raise ReplayRefused(
            f"The database of {queue.service} holds entries already: old events would come after "
            "them. Drop it, make and migrate it anew, and begin again."
        )
    await replay()
    await service.finish()


async def lost_by_rebuilding(service: Rebuild, read: Callable[[Handle], Awaitable[None]]) -> int:
    """How many events the database holds something of, and the log has no more: what they told
    would not come back. A log that begins at offset 0 proves nothing: a broker that was made anew,
    as by a restore, has one too.

    `read` hands the whole log to a handler. Takes some 100 bytes of memory for each event held.
    """
    # Before the log is read: what comes meanwhile is in both.
    held = await service.held()

    async def strike_out(events: Sequence[Event]) -> int:
        held.difference_update(event.id for event in events)
        return 0

    await read(strike_out)
    return len(held)

"""Filling an empty database from the log, while nobody else writes to it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from shared.operations.replaying import ReplayRefused
from shared.rabbitmq.replay import Log
from shared.rabbitmq.topology import ServiceQueue


class Rebuild(Protocol):
    """What a service does around the replay that fills its database."""

    async def is_empty(self) -> bool:
        """Whether nothing was stored yet. Raises DatabaseAway."""
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

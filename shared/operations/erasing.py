"""Erasures among what is replayed: carried out where they stand, before what came after them."""

import asyncio
from collections.abc import Sequence

from shared.erasures.facts import cut_after_erasures
from shared.erasures.work import Erasing
from shared.events.envelope import Event
from shared.events.fact import Erasure
from shared.operations.replaying import Handle

# For half a minute.
TRIES = 60
RETRY_SECONDS = 0.5


def erasing_on_the_way(handle: Handle, erasing: Erasing) -> Handle:
    """`handle`, with each erasure carried out before what follows it: somebody who came back later
    with the same id must keep what is theirs. What can't be finished in half a minute is left to
    the replicas that serve."""

    async def handled(events: Sequence[Event]) -> int:
        new = 0
        for part in cut_after_erasures(events):
            new += await handle(part)
            if isinstance(part[-1].fact, Erasure):
                await _finish(erasing)
        return new

    return handled


async def _finish(erasing: Erasing) -> None:
    for _ in range(TRIES):
        if await erasing.work():
            return
        await asyncio.sleep(RETRY_SECONDS)

"""Readers who come and go all the time, while their mailboxes fill."""

import asyncio
import random
from contextlib import suppress

from tests.faults.readers import StreamReader
from tests.faults.scene import Bite, Scene
from tests.faults.traffic import Size

HOP_SECONDS = 5.0
LONGEST_STAY_SECONDS = 0.2
# Everything is written to one group, so that every mailbox is a busy one.
SIZES = (Size(1, 28, 4, 0, 1),)


class Hopper(StreamReader):
    """Leaves soon after it was let in, and resumes by its cursor; stays once it no longer `hops`.
    Who left before would not know where the first stream began."""

    hops = True
    _stay: asyncio.Timeout | None = None

    async def connect(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as self._stay:
                await super().connect()

    def _begin(self, event_id: str) -> None:
        super()._begin(event_id)
        if self.hops and self._stay:
            stays = random.uniform(0, LONGEST_STAY_SECONDS)
            self._stay.reschedule(asyncio.get_running_loop().time() + stays)


async def resume_often(scene: Scene) -> Bite:
    """What is stored while a stream resumes is either in what it reads or pushed to it. The armed
    replica takes its time to read, so that something is, nearly every time."""
    [group] = scene.traffic.groups[:1]
    hoppers = [
        Hopper(scene.traffic.http, user_id, scene.timeline)
        for user_id in group.member_ids[SIZES[0].streams :]
    ]
    scene.timeline.strike()
    await scene.traffic.add(*hoppers)
    await scene.goes_on(HOP_SECONDS)
    for hopper in hoppers:
        hopper.hops = False
    # Started again, it has no failpoint.
    await scene.stack.restart(scene.victim)
    scene.timeline.lift()
    return {"resumptions": sum(hopper.seen.connections - 1 for hopper in hoppers)}

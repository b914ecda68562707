"""Thousands of streams that lose their replicas at the same moment, and all come back at once."""

import asyncio
import os
import resource
import time
from contextlib import suppress
from functools import partial

from launcher.waiting import until
from tests.faults.faults import SUPERVISOR_SECONDS
from tests.faults.scene import Bite, Scene
from tests.faults.senders import Post, Senders
from tests.faults.traffic import Group, Size, make_group
from tests.faults.wire import WireReader

MOST = 10_000
# Each stream takes two of the gateway's files; others need some as well.
FILES_PER_STREAM, OTHER_FILES = 2, 1_000
PEOPLE = 250
AT_ONCE = 200
SERVED_SECONDS = 60.0
# Each message to the crowd comes to 250 streams.
MESSAGES_PER_SECOND = 8.0
SIZES = (Size(6, 2, 2, 0, 3),)


async def return_at_once(scene: Scene) -> Bite:
    """kill -9 of all notifiers; served are those who hold a stream again that has brought what they
    missed, up to the newest entry of their mailbox when they came back."""
    count = max(PEOPLE, int(os.environ.get("STREAMS") or as_many_as_allowed()))
    groups = [await make_group(scene.traffic.http, PEOPLE) for _ in range(count // PEOPLE)]
    scene.traffic.groups += groups
    crowd = await _connected(scene, groups)
    senders = _senders(scene, groups)
    writing = asyncio.create_task(senders.run())
    await scene.goes_on(2.0)
    names = scene.stack.of("notifier")
    scene.timeline.strike()
    struck = time.monotonic()
    await scene.stack.kill(*names)
    await asyncio.sleep(SUPERVISOR_SECONDS)
    await scene.stack.start(*names)
    with suppress(TimeoutError):
        async with asyncio.timeout_at(struck + SERVED_SECONDS):
            await until(partial(_are_served, crowd, struck), pause=0.2)
    senders.stop()
    await writing
    served = sorted(reader.served_at for reader in crowd if reader.served_at > struck)
    if waiting := len(crowd) - len(served):
        scene.broken.append(f"{waiting} streams not served within {SERVED_SECONDS:g} s")
    if not served:
        return {"streams served again": 0}
    return {
        "streams served again": len(served),
        "seconds to the last of them": round(served[-1] - struck),
        "streams a second": round(len(served) / max(0.1, served[-1] - served[0])),
    }


def files_allowed() -> int | None:
    """How many files a process may have open on this machine; None for no limit."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if files == resource.RLIM_INFINITY else files


def as_many_as_allowed() -> int:
    """The size of the crowd, unless STREAMS asks for another."""
    files = files_allowed()
    return MOST if files is None else min(MOST, (files - OTHER_FILES) // FILES_PER_STREAM)


async def _are_served(crowd: list[WireReader], since: float) -> bool:
    return all(reader.served_at > since for reader in crowd)


async def _connected(scene: Scene, groups: list[Group]) -> list[WireReader]:
    traffic, url = scene.traffic, scene.stack.url
    ids = [user_id for group in groups for user_id in group.member_ids]
    crowd = [WireReader(traffic.http, user_id, scene.timeline, url) for user_id in ids]
    for start in range(0, len(crowd), AT_ONCE):
        await traffic.add(*crowd[start : start + AT_ONCE])
    return crowd


def _senders(scene: Scene, groups: list[Group]) -> Senders:
    """More senders, counted with the others."""
    posts = [Post(group.member_ids[0], group.id) for group in groups]
    senders = Senders(scene.traffic.http, posts, MESSAGES_PER_SECOND, scene.timeline)
    senders.sent = scene.traffic.senders.sent
    return senders

"""Closing all streams before a stop, so that their clients come back elsewhere and spread."""

import asyncio
import random

from services.notifier.streams import frames
from services.notifier.streams.hub import Hub

# Between two closings; a few streams go at once, thousands take the whole time allowed.
SECONDS_PER_STREAM = 0.005
RETRY_MS = (200, 3000)


async def drain(hub: Hub, seconds: float) -> None:
    """End every stream and poll in random order, over at most `seconds`, each with a `retry:` of
    its own."""
    followers = list(hub)
    random.shuffle(followers)
    pause = min(SECONDS_PER_STREAM, seconds / max(1, len(followers)))
    for count, follower in enumerate(followers, start=1):
        follower.end(frames.retry(random.randint(*RETRY_MS)))  # noqa: S311
        if count % 10 == 0:
            await asyncio.sleep(pause * 10)

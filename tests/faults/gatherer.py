"""Somebody who makes groups all the time, each with the same guest: traffic for groups."""

import asyncio
import time
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import aiohttp

from tests.faults.readers import StreamReader
from tests.faults.timeline import Timeline
from tests.fixtures.tokens import bearer

PAUSE_SECONDS = 0.25
ANSWER_SECONDS = 5.0
# Of every group, and then the time at which its making began.
_NAME = "Gathered"


class GuestReader(StreamReader):
    """The guest, who should hear of each group at once: what groups has to tell may be late as
    well, and no message would show it."""

    def take(self, notification: Any, cursor: str) -> None:
        super().take(notification, cursor)
        name, _, due = (notification["data"].get("groupName") or "").partition(" ")
        if notification["type"] == "group.invite" and name == _NAME:
            self._timeline.frame(float(due), "guest")


class Gatherer:
    """Making a group carries no key: one that was not answered may exist or not."""

    def __init__(self, http: aiohttp.ClientSession, timeline: Timeline) -> None:
        run = uuid4().hex[:8]
        self.user_id, self.guest_id = f"g{run}-maker", f"g{run}-guest"
        self.acknowledged: set[str] = set()
        # Of those: what the table does not hold. Filled once all has settled.
        self.missing: set[str] = set()
        self.stopped = asyncio.Event()
        self._http = http
        self._timeline = timeline

    async def run(self) -> None:
        while not self.stopped.is_set():
            await self._make()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _make(self) -> None:
        body = {"name": f"{_NAME} {time.monotonic():.3f}", "memberIds": [self.guest_id]}
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with self._http.post(
                "/v1/groups", json=body, headers=bearer(self.user_id), timeout=timeout
            ) as answer:
                if answer.status == HTTPStatus.CREATED:
                    self.acknowledged.add((await answer.json())["id"])
                else:
                    self._timeline.failed(f"group: {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            self._timeline.failed(f"group: {type(error).__name__}")

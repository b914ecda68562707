"""Senders: an open loop. Messages are due at fixed times, whatever became of those before.

A sender whose call has no clear answer tries again with the same client message id, as the
contract asks, until it is told that the message is there.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from tests.faults.timeline import Timeline
from tests.fixtures.tokens import bearer

ANSWER_SECONDS = 5.0
RETRY_SECONDS = 0.2
# Four bytes long.
WIDE = "𝄞"
# After the traffic's end: who has no answer by then never gets one.
GIVE_UP_SECONDS = 20.0
_TRY_AGAIN = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}


@dataclass(frozen=True)
class Post:
    """Who writes to which group; each message is at least `filling` characters long."""

    user_id: str
    group_id: str
    filling: int = 0


@dataclass(frozen=True)
class Receipt:
    """What a 2xx said about a message."""

    group_id: str
    sender_id: str
    message_id: str
    seq: int


@dataclass
class Sent:
    """What was tried and what was promised; keys are client message ids."""

    attempts: int = 0
    acknowledged: dict[str, Receipt] = field(default_factory=dict)
    unknown: dict[str, Post] = field(default_factory=dict)
    # What no client should ever be answered.
    refused: list[str] = field(default_factory=list)


class Senders:
    """`run` posts in turn from each of `posts`, `rate` a second in all, until `stop`."""

    def __init__(
        self, http: aiohttp.ClientSession, posts: Sequence[Post], rate: float, timeline: Timeline
    ) -> None:
        self._http = http
        self._posts = posts
        self._rate = rate
        self._timeline = timeline
        self._stopped = asyncio.Event()
        self._give_up_at = float("inf")
        self.sent = Sent()

    def stop(self) -> None:
        """Nothing new is sent; what has no answer yet is still tried, for a while."""
        self._give_up_at = time.monotonic() + GIVE_UP_SECONDS
        self._stopped.set()

    async def run(self) -> None:
        """Returns once everything has its answer, or was given up."""
        begin, number = time.monotonic(), 0
        async with asyncio.TaskGroup() as tasks:
            while not self._stopped.is_set():
                due = begin + number / self._rate
                await _at(due, self._stopped)
                tasks.create_task(self._send(self._posts[number % len(self._posts)], number, due))
                number += 1

    async def _send(self, post: Post, number: int, due: float) -> None:
        key = f"{post.user_id}-{number}"
        self.sent.unknown[key] = post
        while time.monotonic() < self._give_up_at:
            if await self._is_settled(post, key, due):
                del self.sent.unknown[key]
                return
            await asyncio.sleep(RETRY_SECONDS * random.uniform(0.5, 1.5))

    async def _is_settled(self, post: Post, key: str, due: float) -> bool:
        body = {"content": f"{due:.3f} ".ljust(post.filling, WIDE), "clientMessageId": key}
        self.sent.attempts += 1
        try:
            async with self._http.post(
                f"/v1/groups/{post.group_id}/messages",
                json=body,
                headers=bearer(post.user_id),
                timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            ) as answer:
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            self._timeline.failed(f"post: {type(error).__name__}")
            return False
        if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
            self._timeline.post_accepted()
            self.sent.acknowledged[key] = Receipt(
                post.group_id, post.user_id, told["id"], told["seq"]
            )
            return True
        self._timeline.failed(f"post: {answer.status}")
        if answer.status not in _TRY_AGAIN:
            self.sent.refused.append(f"{answer.status} {told.get('code')}")
        return answer.status < HTTPStatus.INTERNAL_SERVER_ERROR


async def _at(due: float, stopped: asyncio.Event) -> None:
    """Return when it is `due`, or earlier once `stopped`."""
    try:
        async with asyncio.timeout(max(0.0, due - time.monotonic())):
            await stopped.wait()
    except TimeoutError:
        return

"""Long polls: what is used while streams don't get through."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from circles_client.calls import Calls
from circles_client.errors import Problem, Unreachable
from circles_client.events import Notification, Reset

_SHORTEST_HOLD = 5
# What the answer may take beyond the hold.
_MARGIN_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`cursor` is the place behind everything in it."""

    notifications: Sequence[Notification]
    reset: Reset | None
    cursor: str


class Polls:
    """Asks with a hold that the way there allows: a proxy that ends waiting calls early gets
    shorter ones. `ended_early`: whether the last answer came well before its hold was over."""

    def __init__(self, calls: Calls, ack: bool) -> None:
        self.hold = calls.timing.poll
        self.ended_early = False
        self._calls = calls
        self._ack = ack

    async def ask(self, cursor: str | None) -> Answer:
        """What follows `cursor`, as soon as there is something; empty when the hold is over.

        Raises TokenRefused, Problem and Unreachable.
        """
        query = {"timeout": str(self.hold)}
        if cursor is not None:
            query["after"] = cursor
        if self._ack:
            query["ack"] = "client"
        began = time.monotonic()
        try:
            said = await self._calls.call(
                "GET", "/v1/sse/poll", query=query, within=self.hold + _MARGIN_SECONDS
            )
        except (Problem, Unreachable) as error:
            self._shorten(time.monotonic() - began, error)
            raise
        self.ended_early = time.monotonic() - began < self.hold / 2
        return _answer(said)

    def _shorten(self, lasted: float, error: Problem | Unreachable) -> None:
        was_cut = isinstance(error, Unreachable) or error.status in (408, 502, 504)
        if was_cut and lasted >= _SHORTEST_HOLD / 2:
            self.hold = max(min(self.hold, _SHORTEST_HOLD), self.hold // 2)


def _answer(said: Any) -> Answer:
    try:
        epoch = str(said["cursor"]).rpartition("-")[0]
        return Answer(
            [Notification.of(each, f"{epoch}-{each['id']}") for each in said["notifications"]],
            Reset.of(said["reset"]) if said.get("reset") else None,
            str(said["cursor"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreachable("the answer to a poll can't be read") from error

"""What checks work with: an address, one or two people, and a small group to talk in."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from circles_client import Circles, CirclesError, Problem, Timing, Unreachable

from command_line.doctor.wire import Arrival, Wire, opened

# A stream begins at once; what takes this long does not begin.
OPEN_SECONDS = 5.0
# What a message may take to arrive as a frame.
FRAME_SECONDS = 1.0
_TRIES = 4
# A try that takes longer has waited in vain, and so would the next.
_SLOW_SECONDS = 2.0


@dataclass(slots=True)
class Person:
    """Somebody whose token we were given."""

    token: str
    circles: Circles
    claims: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.claims.get("sub", ""))


@dataclass(frozen=True, slots=True)
class News:
    """Something that the listener will be told of. `made_at` is when the server said that it had
    happened, on the monotonic clock."""

    made_at: float
    fits: Callable[[Arrival], bool]

    def took(self, at: float) -> float:
        """Seconds from then to `at`; none where it was told before the answer was here."""
        return max(0.0, at - self.made_at)


@dataclass(slots=True)
class Scene:
    """`listener` listens; `speaker` speaks, when there are two people. `failures` are calls that
    had to be repeated, `skews` how far each stream's `timestamp` was ahead of our clock."""

    url: str
    http: aiohttp.ClientSession
    listener: Person
    speaker: Person | None
    group_id: str = ""
    heartbeat: float = 30.0
    streams_pass: bool = True
    failures: list[str] = field(default_factory=list)
    skews: list[float] = field(default_factory=list)
    _said: int = 0

    @asynccontextmanager
    async def stream(
        self,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        *,
        identified: bool = True,
        tries: int = _TRIES,
        within: float = OPEN_SECONDS,
    ) -> AsyncIterator[Wire]:
        """A stream of the listener. Where a try is refused by something on the way, the failure is
        noted and another one made, so that one bad replica does not hide the rest; where a try is
        not answered, one more."""
        bearer = {"Authorization": f"Bearer {self.listener.token}"} if identified else {}
        said = {"Accept": "text/event-stream", **bearer, **(headers or {})}
        asked = {"ack": "client", **(query or {})}
        number = 0
        while True:
            number += 1
            async with opened(self.http, self.url, said, asked, within) as wire:
                if wire.connected is None and wire.status in (0, 502, 503, 504) and number < tries:
                    self.failures.append(f"stream: {wire.failure}")
                    if time.monotonic() - wire.asked_at > _SLOW_SECONDS:
                        tries = min(tries, number + 1)
                    continue
                self._note(wire)
                yield wire
                return

    def _note(self, wire: Wire) -> None:
        if wire.connected is not None:
            self.heartbeat = float(wire.connected.data.get("heartbeat", self.heartbeat))
            self.skews.append(wire.connected.data["timestamp"] / 1000 - wire.connected.wall)

    async def news(self) -> News:
        """Make something happen. With one person it is a change of the group, of which they are
        told themselves; with two it is a message. Raises CirclesError."""
        self._said += 1
        if self.speaker is not None:
            text = f"The doctor's message {self._said}"
            key = f"doctor-{self._said}"
            speaks = self.speaker.circles
            message = await self.repeated(
                lambda: speaks.send(self.group_id, text, client_message_id=key)
            )
            return News(time.monotonic(), lambda a: _data(a).get("messageId") == message["id"])
        name = f"The doctor's group {self._said}"
        await self.repeated(lambda: self.listener.circles.edit_group(self.group_id, name=name))
        return News(
            time.monotonic(),
            lambda a: (
                _data(a).get("groupId") == self.group_id and _data(a).get("groupName") == name
            ),
        )

    async def repeated(self, call: Callable[[], Any]) -> Any:
        """What the call gives, at the first try that something answers. Raises CirclesError."""
        number = 0
        while True:
            number += 1
            began = time.monotonic()
            try:
                return await call()
            except (Problem, Unreachable) as error:
                passing = isinstance(error, Unreachable) or error.is_passing
                slow = number > 1 and time.monotonic() - began > _SLOW_SECONDS
                if not passing or slow or number == _TRIES:
                    raise
                self.failures.append(f"call: {error}")
            await asyncio.sleep(0.1)


def _data(arrival: Arrival) -> Mapping[str, Any]:
    data = arrival.data.get("data") if arrival.name == "notification" else None
    return data if isinstance(data, dict) else {}


@asynccontextmanager
async def made_scene(url: str, tokens: list[str]) -> AsyncIterator[Scene]:
    """A scene without a group yet; it is taken away with what was made in it."""
    url = url.rstrip("/")
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=OPEN_SECONDS)
    # A new connection for each call spreads them over replicas, and nothing is asked to compress.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(
        timeout=timeout,
        connector=connector,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    ) as http:
        timing = Timing(call=OPEN_SECONDS, patience=0.0)
        people = [
            Person(token, Circles(url, token=token, timing=timing, session=http), _claims(token))
            for token in tokens
        ]
        scene = Scene(url, http, people[0], people[1] if len(people) > 1 else None)
        try:
            yield scene
        finally:
            await _tidied(scene)


async def gather_people(scene: Scene) -> None:
    """Make the group. Raises CirclesError."""
    others = [scene.speaker.id] if scene.speaker else []
    owner = scene.listener.circles
    group = await scene.repeated(lambda: owner.create_group("The doctor's group", others))
    scene.group_id = group["id"]


async def _tidied(scene: Scene) -> None:
    if scene.group_id:
        try:
            await scene.repeated(lambda: scene.listener.circles.delete_group(scene.group_id))
        except CirclesError:
            # Left behind, and harmless: the findings are worth more than a second complaint.
            return


def _claims(token: str) -> Mapping[str, Any]:
    """What the token says, unverified; empty where it is not readable."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}

"""What a fault works on, and what a scenario is."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tests.faults.layouts import Layout
from tests.faults.proxy import Proxy
from tests.faults.readers import StreamReader
from tests.faults.stack import Stack
from tests.faults.timeline import Timeline
from tests.faults.traffic import SIZES, Size, Traffic

# How often it bit, in whatever way: each figure must be above 0, or nothing was proven.
Bite = Mapping[str, int]
# A kind of service, and the setting that names the server at the other end.
Link = tuple[str, str]


@dataclass
class Scene:
    """A running system with traffic on it. `victim` is the replica with failpoints, if there is
    one, and `death` its exit code and time once it is dead; `links` are the proxies that carry the
    scenario's; `poison` counts, by service, the events that must end up parked; `broken` is for
    promises that only this fault's author can check, in words."""

    stack: Stack
    traffic: Traffic
    victim: str = ""
    death: asyncio.Future[tuple[int, float]] | None = None
    links: Sequence[Proxy] = ()
    poison: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    @property
    def timeline(self) -> Timeline:
        return self.traffic.timeline

    async def goes_on(self, seconds: float) -> None:
        """Let the traffic flow: time under load is what is wanted, not an event."""
        await asyncio.sleep(seconds)

    @property
    def accepted(self) -> int:
        """How many messages were accepted so far."""
        return self.timeline.accepted.total()

    @property
    def gathered(self) -> int:
        """How many groups were made so far, beside those that messages are written to."""
        return len(self.traffic.gatherer.acknowledged)

    async def held_back(self) -> int:
        """How many of chat's events about this scenario's groups wait to be published."""
        async with self.stack.servers.connected("chat") as chat:
            waiting = await chat.fetchval(
                "SELECT count(*) FROM outbox WHERE published_at IS NULL AND subject = ANY($1)",
                [UUID(group.id) for group in self.traffic.groups],
            )
        return int(waiting)

    def connections(self) -> int:
        """How often streams were let in so far."""
        readers = self.traffic.readers
        return sum(r.seen.connections for r in readers if isinstance(r, StreamReader))


Fault = Callable[[Scene], Awaitable[Bite]]
# Looks at the settled system, for promises of one scenario alone.
Check = Callable[[Scene], Awaitable[None]]

KILLED, RESTARTED, FROZEN = 5.0, 10.0, 40.0


@dataclass(frozen=True)
class Scenario:
    """`fault` strikes the timeline, breaks something and heals it, and tells how it bit; `target`
    is the longest time to recover, in seconds. `arms` names a kind of service and the failpoints
    of the replica that will be at work; `links` are led through proxies; `layout` names the
    servers. `quick` ones are in the short form."""

    name: str
    story: str
    fault: Fault
    target: float = KILLED
    arms: tuple[str, str] | None = None
    links: Sequence[Link] = ()
    layout: Layout = Layout.SINGLE
    sizes: Sequence[Size] = SIZES
    quick: bool = False
    # Whether callers may notice: where not, one failed call breaks the promise, and streams may
    # only end as they do when they are told to come back.
    calls_may_fail: bool = True
    # Whether the log of the mailboxes is made anew: else every cursor can be resumed from, and a
    # reset would be an excuse for what was lost.
    may_reset: bool = False
    check: Check | None = None

"""The checks, in the order in which they are made."""

from collections.abc import Awaitable, Sequence
from typing import Protocol, cast

from command_line.doctor.checks import (
    buffering,
    clocks,
    compression,
    headers,
    heartbeats,
    http2,
    long_poll,
    reachable,
    receipts,
    replicas,
    resume,
    tickets,
    timeouts,
)
from command_line.doctor.findings import Finding
from command_line.doctor.scene import Scene


class Check(Protocol):
    """A module of this package. One with `NEEDS_STREAM` is passed over where streams don't come
    through at all."""

    NAME: str

    def check(self, scene: Scene) -> Awaitable[Finding]: ...


def _modules(*modules: object) -> Sequence[Check]:
    return [cast(Check, module) for module in modules]


FIRST: Check = cast(Check, reachable)

# One after the other, in seconds.
QUICK = _modules(
    *(buffering, compression, headers, resume, tickets, long_poll, receipts, replicas, clocks),
    http2,
)
# At the same time, in the silence at the end: as long as a heartbeat takes.
PATIENT = _modules(heartbeats, timeouts)

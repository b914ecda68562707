"""Failpoints: named places at which a fault test can make this process die, fail or wait.

    FAILPOINTS="relay.confirmed=kill@3 consumer.committed=sleep:0.5"

arms the third passage of one place and every passage of another. Actions: `kill` (as `kill -9`;
`kill:SECONDS` dies that much later, and goes on meanwhile), `raise` (InjectedFailure),
`sleep:SECONDS`, `hang` (for a day). Without the variable, which is the rule, both functions do
nothing. What is armed at start stays so: arm a replica by starting it with the variable.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

_ACTIONS = ("kill", "raise", "sleep", "hang")
_HANG_SECONDS = 86_400.0


class InjectedFailure(Exception):
    """What a failpoint raises: nobody foresees it."""


@dataclass
class Armed:
    """What happens at one place; `nth` 0 means at every passage."""

    name: str
    action: str
    seconds: float
    nth: int
    passages: int = 0

    def pause(self) -> float:
        """Count a passage; the seconds to wait here. Kills or raises if that is due."""
        self.passages += 1
        if self.nth not in (0, self.passages):
            return 0.0
        # Not a log record: the process may have no time left to write one.
        sys.stderr.write(f"failpoint {self.name}: {self.action}\n")
        sys.stderr.flush()
        if self.action == "raise":
            raise InjectedFailure(self.name)
        if self.action != "kill":
            return self.seconds
        if self.seconds:
            asyncio.get_running_loop().call_later(self.seconds, _die)
        else:
            _die()
        return 0.0


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def parse(text: str) -> Mapping[str, Armed]:
    """Read a list like the one above. Ends the process with what is wrong with it: a fault test
    whose fault is misspelt would prove nothing."""
    armed = {}
    for part in text.split():
        name, _, told = part.partition("=")
        told, _, nth = told.partition("@")
        action, _, seconds = told.partition(":")
        try:
            default = _HANG_SECONDS if action == "hang" else 0.0
            armed[name] = Armed(name, action, float(seconds or default), int(nth or 0))
        except ValueError:
            action = ""
        if not name or action not in _ACTIONS:
            sys.exit(f"FAILPOINTS: {part!r} is not NAME=ACTION[:SECONDS][@NTH], {_ACTIONS}")
    return armed


_ARMED = parse(os.environ.get("FAILPOINTS", ""))


async def _reached(name: str) -> None:
    if (armed := _ARMED.get(name)) and (seconds := armed.pause()):
        await asyncio.sleep(seconds)


def _passed(name: str) -> None:
    if (armed := _ARMED.get(name)) and (seconds := armed.pause()):
        time.sleep(seconds)


async def _not_armed(name: str) -> None:
    """Nothing."""


def _not_armed_here(name: str) -> None:
    """Nothing."""


# `await reached(name)` where others may go on meanwhile; `passed(name)` where there is no `await`:
# waiting there stops the whole process.
reached = _reached if _ARMED else _not_armed
passed = _passed if _ARMED else _not_armed_here

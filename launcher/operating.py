"""Handing an operator's command on to the service it is about, with that service's environment."""

import os
from collections.abc import Mapping, Sequence

from launcher.paths import program
from launcher.running import running_stack

# What the command needs to know of the terminal that it speaks to, not of the stack's.
_TERMINAL = ("TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "LANG", "LC_ALL")


def command_of(service: str, arguments: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
    """The command that does what `arguments` say, and its environment: that of the service's first
    replica in the stack that runs from this checkout. Raises LaunchError when none runs."""
    command = [program("python"), "-m", f"services.{service}", *arguments]
    terminal = {name: os.environ[name] for name in _TERMINAL if name in os.environ}
    return command, {**running_stack().environments[service], **terminal}


def become(service: str, arguments: Sequence[str]) -> None:
    """Become that command. Raises LaunchError."""
    command, environment = command_of(service, arguments)
    os.execve(command[0], command, dict(environment))  # noqa: S606

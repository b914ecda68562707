"""Running a command's work, and telling people what went wrong in a line."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from circles_client import CirclesError, Problem, Unreachable

from launcher.progress import fail

INTERRUPTED = 130


def finish(work: Coroutine[Any, Any, int | None], interrupted: int = INTERRUPTED) -> None:
    """Run `work` and exit with its code, or with `interrupted` after Ctrl-C."""
    try:
        code = asyncio.run(work)
    except KeyboardInterrupt:
        code = interrupted
    except CirclesError as error:
        code = fail(CirclesError(_advice(error)))
    sys.exit(code or 0)


def _advice(error: CirclesError) -> str:
    if isinstance(error, Unreachable):
        return f"{error}. Is Circles running there? On this machine: make run"
    if isinstance(error, Problem):
        fields = "".join(f" {each['field']}: {each['message']}." for each in error.errors)
        return f"{error}{fields}"
    return str(error)

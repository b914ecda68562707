"""People's data in the stack that runs from this checkout: giving them out, and erasing them."""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from yarl import URL

from launcher.backup import write_private
from launcher.credentials import SERVICES
from launcher.errors import LaunchError
from launcher.progress import Progress
from launcher.running import RunningStack, running_stack

LOOK_SECONDS = 0.5


async def erase(user_id: str, patience: float, progress: Progress) -> int:
    """Have a person erased, and print the report once all services have answered; answers 0 then,
    and 1 when some have not within `patience` seconds. Raises LaunchError."""
    stack = running_stack()
    path = f"/internal/v1/people/{quote(user_id, safe='')}/erasure"
    asked = await _call(stack, "groups", "POST", path)
    progress.note(f"Erasure {asked['erasureId']}")
    give_up_at = asyncio.get_running_loop().time() + patience
    report = await _report(stack, asked["erasureId"])
    while not report["isComplete"] and asyncio.get_running_loop().time() < give_up_at:
        await asyncio.sleep(LOOK_SECONDS)
        report = await _report(stack, asked["erasureId"])
    return _print_report(report)


async def report_of(erasure_id: str) -> int:
    """Print how far an erasure is; answers 0 when it is complete, else 1. Raises LaunchError."""
    return _print_report(await _report(running_stack(), erasure_id))


async def export(user_id: str, file: Path | None) -> int:
    """Write everything that the services hold of a person: one JSON document, to `file` or to the
    standard output. Raises LaunchError."""
    stack = running_stack()
    path = f"/internal/v1/people/{quote(user_id, safe='')}/data"
    held = {service: await _call(stack, service, "GET", path) for service in SERVICES}
    text = json.dumps({"userId": user_id, **held}, indent=2, ensure_ascii=False) + "\n"
    if file is None:
        sys.stdout.write(text)
    else:
        _write(file, text)
    return 0


def _write(file: Path, text: str) -> None:
    """Only for whoever asked: these are somebody's messages. Never into a file that is there, which
    others may read."""
    try:
        write_private(file, text)
    except OSError as error:
        raise LaunchError(f"{file} can't be written: {error.strerror}. Name a new file.") from error


async def _report(stack: RunningStack, erasure_id: str) -> dict[str, Any]:
    return await _call(stack, "chat", "GET", f"/internal/v1/erasures/{quote(erasure_id, safe='')}")


def _print_report(report: Mapping[str, Any]) -> int:
    print(json.dumps(report, indent=2))
    return 0 if report["isComplete"] else 1


async def _call(stack: RunningStack, service: str, method: str, path: str) -> dict[str, Any]:
    """Ask the service past the gateway, as another service would."""
    from shared.operations.doors import NoAnswer, ask

    secret = stack.environments[service]["SERVICE_SECRET"]
    origin = str(URL(stack.ready_urls[service][0]).origin())
    try:
        return await ask(origin, secret, method, path) or {}
    except NoAnswer as error:
        raise LaunchError(f"{service}: {error}") from error

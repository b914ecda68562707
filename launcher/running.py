"""What other commands need to know of a stack that runs from this checkout."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

from yarl import URL

from launcher.errors import LaunchError
from launcher.paths import STATE

_FILE = STATE / "running.json"


@dataclass(frozen=True)
class RunningStack:
    """A running stack: each service's database as its owner and its server's administrator, the
    environment of each service's first replica, where each replica says that it is ready; and the
    broker's administrator and RabbitMQ's tool with its environment, unless the broker is the user's
    own."""

    port: int
    owner_urls: Mapping[str, str]
    admin_database_url: str
    environments: Mapping[str, Mapping[str, str]]
    ready_urls: Mapping[str, list[str]]
    management_url: str | None
    rabbitmqctl: tuple[Sequence[str], Mapping[str, str]] | None = None


@asynccontextmanager
async def remembered(stack: RunningStack) -> AsyncIterator[None]:
    """Keep a note of this stack for the length of the block; only its user can read it."""
    _FILE.unlink(missing_ok=True)
    with os.fdopen(os.open(_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(stack), file)
    try:
        yield
    finally:
        _FILE.unlink(missing_ok=True)


def running_stack() -> RunningStack:
    """The stack that runs from this checkout. Raises LaunchError when none does."""
    try:
        return RunningStack(**json.loads(_FILE.read_text()))
    except FileNotFoundError:
        raise LaunchError("Circles is not running from this folder. Start it: make run") from None
    except TypeError:
        raise LaunchError(
            "Circles runs here in another version. Start it again: make run"
        ) from None


def owner_urls() -> Mapping[str, str]:
    """Each service's database, as its owner. Raises LaunchError when no stack runs here."""
    return running_stack().owner_urls


def open_psql(service: str, *, as_admin: bool) -> None:
    """Become psql on the service's database, as its owner or as the server's administrator. Raises
    LaunchError when that can't be."""
    stack = running_stack()
    url = URL(stack.owner_urls[service])
    if as_admin:
        # Beside whatever else the address of the server says.
        url = URL(stack.admin_database_url).with_path(url.path)
    program = shutil.which("psql")
    if program is None:
        raise LaunchError("psql is missing. Install postgresql-client.")
    # The password goes through the environment: arguments are readable by everyone.
    os.environ["PGPASSWORD"] = url.password or ""
    os.execv(program, [program, str(url.with_password(None))])  # noqa: S606


def become_rabbitmqctl(arguments: Sequence[str]) -> None:
    """Become RabbitMQ's tool for the node of the running stack. Raises LaunchError when that can't
    be."""
    tool = running_stack().rabbitmqctl
    if tool is None:
        raise LaunchError("The broker is one of your own. Call rabbitmqctl where it runs.")
    command, environment = tool
    os.execvpe(command[0], [*command, *arguments], dict(environment))  # noqa: S606

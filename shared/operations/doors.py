"""`python -m services.<service> export …` and the like: what an operator asks of a service's doors
under `/internal`, where the command runs beside the service, with its settings."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
import click

from shared.errors import words_of
from shared.settings import ServiceSettings
from shared.web.service_tokens import ServiceTokens

ANSWER_SECONDS = 300.0
_ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104


class NoAnswer(Exception):
    """Nobody answered, or what was asked was refused: the message says which."""


@dataclass(frozen=True)
class Door:
    """A command that calls one door: `path` has a place for its one argument, which `argument`
    names. Where `asks` is set, the operator has to say yes to it first."""

    name: str
    argument: str
    method: str
    path: str
    about: str
    asks: str = ""


EXPORT = Door(
    *("export", "USER", "GET", "/internal/v1/people/{}/data"),
    "Print what this service holds of USER, as one JSON document.",
)


def add_doors(
    commands: click.Group, read: Callable[[], ServiceSettings], *doors: Door
) -> click.Group:
    """`commands`, with one for each of `doors`. Settings are read when a command runs."""
    for door in doors:
        commands.add_command(_command(door, read))
    return commands


def _command(door: Door, read: Callable[[], ServiceSettings]) -> click.Command:
    @click.command(door.name, help=door.about)
    @click.argument("said", metavar=door.argument)
    def command(said: str, yes: bool = False) -> None:
        if door.asks and not yes:
            click.echo(door.asks, err=True)
            click.confirm("Go on?", abort=True, err=True)
        settings = read()
        host = "127.0.0.1" if settings.host in _ANY_ADDRESS else settings.host
        origin = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
        secret = settings.service_secret.get_secret_value()
        path = door.path.format(quote(said, safe=""))
        try:
            answer = asyncio.run(ask(origin, secret, door.method, path))
        except NoAnswer as error:
            raise click.ClickException(str(error)) from None
        if answer is not None:
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        # Whoever asks how far something is may wait for 0.
        sys.exit(1 if answer and answer.get("isComplete") is False else 0)

    if door.asks:
        command.params.append(click.Option(["--yes"], is_flag=True, help="Don't ask."))
    return command


async def ask(origin: str, secret: str, method: str, path: str) -> dict[str, Any] | None:
    """Ask the service at `origin` as another service would; its answer, None where it has no words.
    Raises NoAnswer."""
    headers = {"Authorization": f"Bearer {ServiceTokens(secret, 'operator').new()}"}
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.request(method, f"{origin}{path}", headers=headers) as answer,
        ):
            said: dict[str, Any] | None = await answer.json(content_type=None)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise NoAnswer(
            f"No answer from {origin}: {words_of(error)}. See that the service runs "
            "there, and run this again."
        ) from error
    if answer.status >= 300:
        raise NoAnswer(f"Refused: {(said or {}).get('detail', answer.status)}")
    return said

"""On whose behalf a command calls, and where: the options that all of them share."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click
from circles_client import TokenSource
from circles_client.calls import check_address

from launcher.credentials import load
from launcher.errors import LaunchError
from launcher.tokens import make_token, token_settings

DEFAULT_PORT = 8080
TOKEN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Caller:
    """`token` is fixed, or made anew before it ends."""

    url: str
    token: TokenSource


def default_url() -> str:
    return f"http://localhost:{os.environ.get('CIRCLES_PORT') or DEFAULT_PORT}"


def check_url(url: str) -> None:
    """Raises click.UsageError for what is no address as clients would call it."""
    try:
        check_address(url)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def local_token(user: str, seconds: int = TOKEN_SECONDS) -> str:
    """A token for `user`, signed with the secret of this checkout. Raises click.ClickException."""
    try:
        return make_token(token_settings(load()), user, None, seconds)
    except LaunchError as error:
        raise click.ClickException(str(error)) from error


def as_caller(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--url`, `--token` and `--as`, and calls `command` with a Caller first."""

    @click.option("--url", help="Where Circles is.  [default: http://localhost:$CIRCLES_PORT]")
    @click.option("--token", envvar="CIRCLES_TOKEN", help="A token.  [default: $CIRCLES_TOKEN]")
    @click.option("--as", "user", metavar="USER", help="A user of the local stack, by their id.")
    @wraps(command)
    def with_caller(url: str | None, token: str | None, user: str | None, **rest: Any) -> Any:
        where = url or default_url()
        check_url(where)
        return command(Caller(where, _token_of(token, user)), **rest)

    return with_caller


def _token_of(token: str | None, user: str | None) -> TokenSource:
    if user is not None:
        # What is wrong with the id is said at once.
        local_token(user)

        async def renewed() -> str:
            return local_token(user)

        return renewed
    if token is None:
        raise click.UsageError(
            "Say who calls: --as alice on the local stack, or --token and CIRCLES_TOKEN elsewhere."
        )
    return token

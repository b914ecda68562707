"""Sign-in by name, for development: doors that exist only where LOCAL_SIGN_IN is true, and open
only to who calls this machine by its own name."""

import re
from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator

from services.notifier.actions.sign_in import Issuer, local_user_id, sign_in
from services.notifier.keys import SETTINGS
from shared.web.bodies import RequestBody, read_body
from shared.web.identity import MAX_NAME, usable_name
from shared.web.json import json_response
from shared.web.problems import HttpProblem


def _name(text: str) -> str:
    name = usable_name(text)
    if name is None:
        raise ValueError(f"must have 1 to {MAX_NAME} characters, none of them a control character")
    local_user_id(name)
    return name


class SignInBody(RequestBody):
    name: Annotated[str, AfterValidator(_name)]


# What a browser on this machine calls it. A page from elsewhere may have a name of its own resolve
# to 127.0.0.1 (DNS rebinding), and be of one origin with us then; the Host header still tells.
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})


def _ensure_here(request: web.Request) -> None:
    """Raises HttpProblem 403 for a request that was sent to another name."""
    host = re.sub(r":[0-9]*$", "", request.headers.get("Host", "")).lower()
    if host not in _HERE:
        raise HttpProblem(
            403,
            "host_not_local",
            "Signing in by name works at localhost, 127.0.0.1 and [::1] only. Open the page by one "
            "of these, or use a token of an issuer.",
        )


async def offered(request: web.Request) -> web.Response:
    """That these doors exist: where they do not, this is 404 as well."""
    _ensure_here(request)
    return json_response({"signIn": "name"})


async def token(request: web.Request) -> web.Response:
    _ensure_here(request)
    body = await read_body(request, SignInBody)
    settings = request.app[SETTINGS]
    assert settings.token_secret is not None, "the settings don't allow these doors without it"
    issuer = Issuer(
        settings.token_secret.get_secret_value(),
        settings.token_issuer,
        settings.token_audience,
        settings.local_token_seconds,
    )
    made = sign_in(issuer, body.name)
    answer = json_response(
        {
            "token": made.text,
            "userId": made.user_id,
            "name": made.name,
            "expiresIn": made.expires_in,
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer

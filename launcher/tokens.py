"""Tokens for the local stack. In production whoever knows the users issues them."""

import os
import time
from collections.abc import Mapping

import jwt

from launcher.errors import LaunchError

ISSUER = "circles-local"
AUDIENCE = "circles"


def token_settings(secrets: Mapping[str, str]) -> dict[str, str]:
    """What services verify tokens by; the environment may name another secret or issuer, or the
    address of the issuer's keys."""
    keys = os.environ.get("TOKEN_JWKS_URL")
    return {
        **(
            {"TOKEN_JWKS_URL": keys}
            if keys
            else {"TOKEN_SECRET": os.environ.get("TOKEN_SECRET") or secrets["token_secret"]}
        ),
        "TOKEN_ISSUER": os.environ.get("TOKEN_ISSUER", ISSUER),
        "TOKEN_AUDIENCE": os.environ.get("TOKEN_AUDIENCE", AUDIENCE),
    }


def make_token(settings: Mapping[str, str], user: str, name: str | None, ttl: int) -> str:
    """A token that says that its bearer is `user`, for `ttl` seconds. Raises LaunchError."""
    visible = all("!" <= character <= "~" and character != "," for character in user)
    if not 1 <= len(user) <= 128 or not visible:
        raise LaunchError(
            "USER is the user's id: 1 to 128 visible ASCII characters other than a comma. "
            "For example: make token USER=alice"
        )
    if "TOKEN_SECRET" not in settings:
        raise LaunchError("TOKEN_JWKS_URL is set: tokens come from its issuer, not from here.")
    if ttl < 1:
        raise LaunchError("TTL is the token's life in seconds: 1 or more.")
    now = int(time.time())
    claims: dict[str, str | int] = {
        "sub": user,
        "iat": now,
        "exp": now + ttl,
        "iss": settings["TOKEN_ISSUER"],
        "aud": settings["TOKEN_AUDIENCE"],
    }
    if name:
        claims["name"] = name
    return jwt.encode(claims, settings["TOKEN_SECRET"], algorithm="HS256")

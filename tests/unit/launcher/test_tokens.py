"""`make token`: what services accept, and words for what they would not."""

import time

import jwt
import pytest

from launcher.errors import LaunchError
from launcher.tokens import make_token

SETTINGS = {
    "TOKEN_SECRET": "a secret of thirty-two characters",
    "TOKEN_ISSUER": "circles-local",
    "TOKEN_AUDIENCE": "circles",
}


def decoded(token: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(
        token,
        SETTINGS["TOKEN_SECRET"],
        algorithms=["HS256"],
        audience="circles",
        issuer="circles-local",
        options={"require": ["sub", "iat", "exp", "iss", "aud"]},
    )
    return claims


def test_a_token_carries_every_claim_that_services_require() -> None:
    claims = decoded(make_token(SETTINGS, "alice", "Alice", 60))

    assert (claims["sub"], claims["name"]) == ("alice", "Alice")
    assert claims["exp"] == pytest.approx(time.time() + 60, abs=5)


def test_without_a_name_there_is_no_name_claim() -> None:
    assert "name" not in decoded(make_token(SETTINGS, "alice", None, 60))


@pytest.mark.parametrize("user", ["", "two words", "a,b", "é", "x" * 129])
def test_an_id_that_services_would_refuse_gets_no_token(user: str) -> None:
    with pytest.raises(LaunchError, match="USER"):
        make_token(SETTINGS, user, None, 60)


def test_a_token_that_is_over_at_once_is_refused() -> None:
    with pytest.raises(LaunchError, match="TTL"):
        make_token(SETTINGS, "alice", None, 0)

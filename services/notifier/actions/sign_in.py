"""Local sign-in: a token for whoever says a name. For development; production has an issuer."""

import time
import unicodedata
from dataclasses import dataclass

import jwt

MAX_ID = 128
_ASCII = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


@dataclass(frozen=True, slots=True)
class Issuer:
    """What tokens are made with; `lifetime` is in seconds."""

    secret: str
    name: str
    audience: str
    lifetime: int


@dataclass(frozen=True, slots=True)
class LocalToken:
    """`expires_in` is in seconds."""

    text: str
    user_id: str
    name: str
    expires_in: int


def local_user_id(name: str) -> str:
    """The id of whoever goes by `name`: lower-case ASCII, the same every time. Other letters stand
    as their code points, so that two names in another script are two people.

    Raises ValueError with what the name must have.
    """
    letters = [_as_ascii(letter) for letter in unicodedata.normalize("NFKD", name).lower()]
    user_id = "-".join(part for part in "".join(letters).split("-") if part)
    if not user_id:
        raise ValueError("must have at least one letter or digit")
    if len(user_id) > MAX_ID:
        raise ValueError("is too long to make a user id of; use a shorter one")
    return user_id


def _as_ascii(letter: str) -> str:
    if letter in _ASCII:
        return letter
    category = unicodedata.category(letter)
    if category[0] == "M":
        return ""
    return f"u{ord(letter):x}" if category[0] in "LN" else "-"


def sign_in(issuer: Issuer, name: str) -> LocalToken:
    """A token that says that its bearer goes by `name`. Raises ValueError as `local_user_id`."""
    user_id, now = local_user_id(name), int(time.time())
    claims = {
        "iss": issuer.name,
        "aud": issuer.audience,
        "sub": user_id,
        "name": name,
        "iat": now,
        "exp": now + issuer.lifetime,
    }
    text = jwt.encode(claims, issuer.secret, "HS256")
    return LocalToken(text, user_id, name, issuer.lifetime)

"""Who is calling: each service verifies tokens by itself (RFC 7519)."""

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from aiohttp import web

from shared.web.problems import Handler, HttpProblem

# 1 to 128 visible ASCII characters other than a comma, which separates ids in queries.
USER_ID = re.compile(r"[!-+\--~]{1,128}")
MAX_NAME = 100
# Controls, line separators and lone surrogates. Joiners stay: emoji families and Persian names are
# written with them.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
REQUIRED_CLAIMS = ("exp", "iat", "iss", "aud", "sub")
REMEMBERED_TOKENS = 10_000


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller. `name` is the display name the token carries, if a usable one; `expires_at` is in
    epoch seconds."""

    user_id: str
    name: str | None
    expires_at: float


class Unauthenticated(HttpProblem):
    """401 with what to do about it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(401, code, detail, {"WWW-Authenticate": "Bearer"})


class TokenVerifier:
    """Verifies signature, algorithm, issuer, audience and expiry of HS256 tokens.

    The algorithm is pinned: a verifier that takes what the token's header says would accept a
    public key as an HMAC secret.
    """

    def __init__(self, secret: str, issuer: str, audience: str) -> None:
        self._secret = secret
        self._issuer = issuer
        self._audience = audience
        # A verification costs 125 µs and a token is used thousands of times. Only good tokens are
        # remembered, and expiry is looked at each time.
        self._claims = lru_cache(maxsize=REMEMBERED_TOKENS)(self._verified_claims)

    def claims(self, token: str) -> dict[str, Any]:
        """The verified claims. Raises Unauthenticated."""
        try:
            claims = self._claims(token)
        except jwt.ExpiredSignatureError:
            raise _expired() from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
            raise _refused() from None
        if claims["exp"] <= time.time():
            raise _expired()
        return claims

    def identity(self, token: str) -> Identity:
        """The caller that `token` names. Raises Unauthenticated."""
        claims = self.claims(token)
        return Identity(claims["sub"], usable_name(claims.get("name")), float(claims["exp"]))

    def _verified_claims(self, token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            self._secret,
            algorithms=["HS256"],
            issuer=self._issuer,
            audience=self._audience,
            # An issuer whose clock is ahead must not lock its users out; `iat` protects nothing.
            options={"require": list(REQUIRED_CLAIMS), "verify_iat": False},
        )
        for claim in ("exp", "iat"):
            if isinstance(claims[claim], bool) or not isinstance(claims[claim], int | float):
                raise jwt.InvalidTokenError(f"{claim} is not a number")
            # JSON has integers that no float holds: OverflowError, a token like any other bad one.
            float(claims[claim])
        if not isinstance(claims["sub"], str) or not USER_ID.fullmatch(claims["sub"]):
            raise jwt.InvalidTokenError("sub is not a user id")
        return claims


def _refused() -> Unauthenticated:
    return Unauthenticated("token_invalid", "The token is not valid here. Sign in again.")


def _expired() -> Unauthenticated:
    return Unauthenticated("token_expired", "The token has expired. Sign in again.")


def usable_name(name: object) -> str | None:
    """The trimmed name, or None for one that could not be shown or stored: it is then ignored."""
    if not isinstance(name, str):
        return None
    trimmed = name.strip()
    usable = 1 <= len(trimmed) <= MAX_NAME and not _UNSHOWABLE.search(trimmed)
    return trimmed if usable else None


CALLER = web.RequestKey("caller", Identity)


def bearer_token(request: web.Request) -> str:
    """The token of the Authorization header. Raises Unauthenticated."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated(
            "token_missing", "Send a token in the header `Authorization: Bearer <token>`."
        )
    return token.strip()


def identify(verifier: TokenVerifier, public: frozenset[str]) -> Any:
    """Middleware that names the caller of every route but those in `public`.

    `public` holds path prefixes: operations, and doors that identify in a way of their own.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not any(request.path.startswith(prefix) for prefix in public):
            request[CALLER] = verifier.identity(bearer_token(request))
        return await handler(request)

    return middleware

"""Who is calling: each service verifies tokens by itself (RFC 7519)."""

import base64
import json
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

import jwt
from aiohttp import web

from shared.visible import has_visible_character
from shared.web.keys import Keys, UnknownKey
from shared.web.problems import Handler, HttpProblem

# 1 to 128 visible ASCII characters other than a comma, which separates ids in queries.
USER_ID = re.compile(r"[!-+\--~]{1,128}")
MAX_NAME = 100
# Controls, line separators and lone surrogates. Joiners stay: emoji families and Persian names are
# written with them.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Without padding (RFC 7515, section 2), which the library would let pass: a token has one spelling.
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
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
    """Verifies signature, algorithm, issuer, audience and expiry of tokens.

    The algorithm is the key's own, never the one that the token's header names. `leeway` is how
    many seconds a token is still taken after its expiry, for clocks that differ.
    """

    def __init__(self, keys: Keys, issuer: str, audience: str, leeway: float = 0.0) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._leeway = leeway
        # A verification costs 125 µs and a token is used thousands of times. Only good tokens are
        # remembered, expiry is looked at each time, and keys that changed begin anew.
        self._remembered = lru_cache(maxsize=REMEMBERED_TOKENS)(self._verified_claims)

    def claims(self, token: str) -> dict[str, Any]:
        """The claims, verified with a key that is known now. Raises Unauthenticated, and
        KeysUnavailable when there is none."""
        try:
            return self._checked(token)
        except UnknownKey:
            raise _refused() from None

    async def identity(self, token: str) -> Identity:
        """The caller that `token` names. Raises Unauthenticated and KeysUnavailable."""
        try:
            claims = self._checked(token)
        except UnknownKey:
            await self._keys.look_again()
            claims = self.claims(token)
        expires_at = float(claims["exp"]) + self._leeway
        return Identity(claims["sub"], usable_name(claims.get("name")), expires_at)

    def _checked(self, token: str) -> dict[str, Any]:
        try:
            claims = self._remembered(token, self._keys.version)
        except jwt.ExpiredSignatureError:
            raise _expired() from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise _refused() from None
        if claims["exp"] + self._leeway <= time.time():
            raise _expired()
        return claims

    def _verified_claims(self, token: str, version: int) -> dict[str, Any]:
        """`version` is part of what is remembered: a key that is gone verifies nothing."""
        if not _COMPACT.fullmatch(token):
            raise jwt.DecodeError("not three parts of base64url")
        _ensure_plain(token)
        key_id = jwt.get_unverified_header(token).get("kid")
        key = self._keys.find(key_id if isinstance(key_id, str) else None)
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm],
            issuer=self._issuer,
            audience=self._audience,
            leeway=self._leeway,
            # An issuer whose clock is ahead must not lock its users out; `iat` protects nothing.
            options={"require": list(REQUIRED_CLAIMS), "verify_iat": False},
        )
        for claim in ("exp", "iat", "nbf"):
            if claim not in claims:
                continue
            if isinstance(claims[claim], bool) or not isinstance(claims[claim], int | float):
                raise jwt.InvalidTokenError(f"{claim} is not a number")
            # JSON has integers that no float holds: OverflowError, a token like any other bad one.
            float(claims[claim])
        if not isinstance(claims["sub"], str) or not USER_ID.fullmatch(claims["sub"]):
            raise jwt.InvalidTokenError("sub is not a user id")
        return claims


def _ensure_plain(token: str) -> None:
    """Raises ValueError or RecursionError where the library would guess: at other spellings of the
    same bytes (the unused bits of a part's last character), at keys that come twice, of which two
    readers may take different ones (RFC 7519, section 4), at NaN, and at encodings other than
    UTF-8."""
    parts = [_bytes_of(part) for part in token.split(".")]
    for part in parts[:2]:
        json.loads(part.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _bytes_of(part: str) -> bytes:
    raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != part.encode():
        raise ValueError("another spelling of the same bytes")
    return raw


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a key comes twice")
    return found


def _refused() -> Unauthenticated:
    return Unauthenticated("token_invalid", "The token is not valid here. Sign in again.")


def _expired() -> Unauthenticated:
    return Unauthenticated("token_expired", "The token has expired. Sign in again.")


def usable_name(name: object) -> str | None:
    """The trimmed name, or None for one that could not be shown or stored: it is then ignored."""
    if not isinstance(name, str):
        return None
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= MAX_NAME or _UNSHOWABLE.search(trimmed):
        return None
    return trimmed if has_visible_character(trimmed) else None


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
            request[CALLER] = await verifier.identity(bearer_token(request))
        return await handler(request)

    return middleware


def user_id_in_path(request: web.Request, name: str = "userId") -> str:
    """The user id in the path, percent-encoded there. Raises HttpProblem for what can't be one."""
    user_id = request.match_info[name]
    if not USER_ID.fullmatch(user_id):
        raise HttpProblem(404, "not_found", "This can't be the id of anybody.")
    return user_id

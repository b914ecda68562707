"""Tickets: tokens that open streams and polls and nothing else, for clients that can't set headers.

A ticket may be used again while it lives: the browser's own reconnect repeats the URL, and a
one-use ticket would end it with 401. It carries the end of the token behind it, with which every
stream that it opens ends too.
"""

import time
from dataclasses import dataclass

import jwt

from shared.web.identity import Identity, TokenVerifier, Unauthenticated
from shared.web.keys import SharedSecret

ISSUER = "circles-notifier"
AUDIENCE = "circles-ticket"


@dataclass(frozen=True, slots=True)
class Ticket:
    """`expires_in` is in seconds."""

    text: str
    expires_in: int


class Tickets:
    """Issues and checks tickets. `secret` is the replicas' own; `lifetime` is in seconds."""

    def __init__(self, secret: str, lifetime: int) -> None:
        self._secret = secret
        self._lifetime = lifetime
        self._verifier = TokenVerifier(SharedSecret(secret), ISSUER, AUDIENCE)

    def issue(self, caller: Identity) -> Ticket:
        """A ticket for `caller`, which never outlives the token behind it."""
        now = int(time.time())
        expires_at = min(now + self._lifetime, int(caller.expires_at))
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": caller.user_id,
            "iat": now,
            "exp": expires_at,
            "tokenExp": caller.expires_at,
        }
        return Ticket(jwt.encode(claims, self._secret, "HS256"), max(0, expires_at - now))

    def identity(self, ticket: str) -> Identity:
        """The caller behind `ticket`; `expires_at` is the end of their token.

        Raises Unauthenticated.
        """
        try:
            claims = self._verifier.claims(ticket)
        except Unauthenticated as refused:
            code = refused.code.replace("token", "ticket")
            raise Unauthenticated(code, "The ticket is not valid. Ask for a new one.") from None
        return Identity(claims["sub"], None, float(claims["tokenExp"]))

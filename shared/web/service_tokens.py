"""Tokens with which one service calls another. Clients hold neither the secret nor the audience."""

import time

import jwt
from aiohttp import web

from shared.web.identity import TokenVerifier, bearer_token
from shared.web.keys import SharedSecret

ISSUER = "circles-services"
AUDIENCE = "circles-internal"
LIFETIME_SECONDS = 60


class ServiceTokens:
    """Makes and checks short-lived HS256 tokens, signed with the secret the services share."""

    def __init__(self, secret: str, service: str) -> None:
        self._secret = secret
        self._service = service
        self._verifier = TokenVerifier(SharedSecret(secret), ISSUER, AUDIENCE)

    def new(self) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": self._service,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return jwt.encode(claims, self._secret, "HS256")

    def check(self, request: web.Request) -> None:
        """Raises Unauthenticated unless another service is calling."""
        self._verifier.claims(bearer_token(request))

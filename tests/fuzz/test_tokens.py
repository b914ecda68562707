"""Tokens that are not quite right: nobody is let in, and the answer is always the same."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from yarl import URL

from shared.web.identity import TokenVerifier, Unauthenticated
from shared.web.jwks import parse
from shared.web.keys import SharedSecret, UnknownKey, VerifyingKey
from tests.fixtures.stack import Stack
from tests.fixtures.tokens import AUDIENCE, ISSUER, SECRET
from tests.fuzz.effort import SECONDS, Effort, Figures
from tests.fuzz.malformed_tokens import (
    HEAD,
    bytes_of,
    claims,
    corpus,
    good,
    nested,
    part,
    signed,
    spoilt,
)

VERIFIER = TokenVerifier(SharedSecret(SECRET), ISSUER, AUDIENCE)
WORDS = "The token is not valid here. Sign in again."


async def refusal(text: str, verifier: TokenVerifier = VERIFIER) -> str | None:
    """The code with which a token is refused; None when it lets somebody in. Whatever else is
    raised fails the test."""
    try:
        await verifier.identity(text)
    except Unauthenticated as refused:
        assert (refused.status, dict(refused.headers)) == (401, {"WWW-Authenticate": "Bearer"})
        assert refused.code == "token_expired" or refused.detail == WORDS
        return refused.code
    return None


async def test_what_no_issuer_would_make_lets_nobody_in() -> None:
    refused = {name: await refusal(text) for name, text in corpus().items()}
    assert {name: code for name, code in refused.items() if code != "token_invalid"} == {}


@pytest.mark.parametrize("depth", [10, 500, 2_000, 100_000])
async def test_nesting_brings_no_reader_down(depth: int) -> None:
    for text in nested(depth):
        assert await refusal(text) in (None, "token_invalid")
    assert await refusal(text) == "token_invalid"


async def test_however_a_token_is_spoilt_it_lets_nobody_in(effort: Effort) -> None:
    for figures in effort.rounds("tokens"):
        texts = list(corpus().values()) if SECONDS else []
        texts += [spoilt(figures.random) for _ in range(500)]
        for text in texts:
            code = await refusal(text)
            # Cut in two and put together again, it may be as it was.
            assert code is not None or jwt.decode(text, SECRET, ["HS256"], audience=AUDIENCE), (
                figures.seed,
                text,
            )
            figures.count(code or "as it was")


@pytest.mark.parametrize("leeway", [0, 30])
async def test_a_second_beyond_the_leeway_is_too_late_and_one_within_is_not(leeway: int) -> None:
    verifier = TokenVerifier(SharedSecret(SECRET), ISSUER, AUDIENCE, leeway)
    now = int(time.time())
    assert await refusal(good(exp=now - leeway - 1), verifier) == "token_expired"
    assert await refusal(good(exp=now - leeway), verifier) == "token_expired"
    assert await refusal(good(exp=now - leeway + 2), verifier) is None
    assert await refusal(good(nbf=now + leeway + 2), verifier) == "token_invalid"
    assert await refusal(good(nbf=now + leeway), verifier) is None


class Published:
    """The keys of an issuer who publishes one."""

    version = 0

    def __init__(self, keys: Mapping[str | None, VerifyingKey]) -> None:
        self._keys = keys

    def find(self, key_id: str | None) -> VerifyingKey:
        if (found := self._keys.get(key_id)) is None:
            raise UnknownKey
        return found

    async def look_again(self) -> None:
        """There is no other."""


async def test_a_public_key_is_nobody_s_secret() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key()
    published = {**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": "one"}
    published.pop("key_ops", None)
    verifier = TokenVerifier(Published(parse(bytes_of({"keys": [published]}))), ISSUER, AUDIENCE)
    good_one = jwt.encode(claims(), private, "RS256", headers={"kid": "one"})
    assert await refusal(good_one, verifier) is None
    _, body, signature = good_one.split(".")
    formats, encodings = serialization.PublicFormat, serialization.Encoding
    secrets = [
        public.public_bytes(encoding, form)
        for encoding, form in (
            (encodings.PEM, formats.SubjectPublicKeyInfo),
            (encodings.PEM, formats.PKCS1),
            (encodings.DER, formats.SubjectPublicKeyInfo),
            (encodings.OpenSSH, formats.OpenSSH),
        )
    ]
    secrets += [each.strip() for each in secrets] + [bytes_of(published), published["n"].encode()]
    for kid in ("one", "two", None, "", "../one", "' OR 1=1 --"):
        named = {} if kid is None else {"kid": kid}
        forged = [
            signed(
                bytes_of({"alg": "HS256", **named}), bytes_of(claims()), secret.decode("latin-1")
            )
            for secret in secrets
        ]
        for algorithm in ("none", "RS512", "PS256", "ES256"):
            forged.append(f"{part(bytes_of({'alg': algorithm, **named}))}.{body}.{signature}")
            forged.append(f"{part(bytes_of({'alg': algorithm, **named}))}.{body}.")
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        forged.append(jwt.encode(claims(), other, "RS256", headers=named))
        for text in forged:
            assert await refusal(text, verifier) == "token_invalid", (kid, text)


# The last one would change something.
DOORS = (
    ("GET", "/v1/groups"),
    ("GET", "/v1/conversations"),
    ("GET", "/v1/notifications"),
    ("GET", "/v1/sse/poll?timeout=0"),
    ("POST", "/v1/groups"),
)
# Nobody's token in the right place.
SCHEMES = ("", "Bearer", "Bearer ", "Basic Ym9iOng=", "bearer", f"Token {good()}", good())
# Beyond it a service's HTTP parser refuses the header before anybody looks at the token.
MAX_HEADER = 8000


async def test_every_door_answers_all_of_them_alike(
    http: aiohttp.ClientSession, stack: Stack, effort: Effort
) -> None:
    for figures in effort.rounds("doors"):
        texts = {name: text for name, text in corpus().items() if len(text) < MAX_HEADER and text}
        texts |= {f"spoilt {n}": spoilt(figures.random) for n in range(50)}
        texts |= {f"nested {n}": text for n, text in enumerate(nested(2000))}
        names = sorted(texts) if SECONDS else figures.random.sample(sorted(texts), 60)
        asking = Asking(http, figures, f"Let in {uuid4().hex}")
        for name in names:
            text = texts[name]
            if await refusal(text) is None:
                continue
            door = figures.random.choice(DOORS)
            await asking.is_refused(door, f"Bearer {text}", "token_invalid", WORDS)
            ticket = f"/v1/sse/poll?timeout=0&ticket={quote(text, safe='')}"
            words = "The ticket is not valid. Ask for a new one."
            if len(ticket) < MAX_HEADER:
                await asking.is_refused(("GET", ticket), None, "ticket_invalid", words)
        past = signed(HEAD, bytes_of(claims(exp=int(time.time()) - 1)))
        for door in DOORS:
            words = "Send a token in the header `Authorization: Bearer <token>`."
            for scheme in SCHEMES:
                await asking.is_refused(door, scheme, "token_missing", words)
            words = "The token has expired. Sign in again."
            await asking.is_refused(door, f"Bearer {past}", "token_expired", words)
        made = "SELECT count(*) FROM groups WHERE name = $1"
        figures.changes += await stack.tables["groups"].fetchval(made, asking.group_name)
        assert figures.changes == 0, figures.seed


@dataclass(frozen=True)
class Asking:
    """Somebody at the doors, who would make groups of this name."""

    http: aiohttp.ClientSession
    figures: Figures
    group_name: str

    async def is_refused(
        self, door: tuple[str, str], authorization: str | None, code: str, words: str
    ) -> None:
        """With 401, and nothing is said but this."""
        method, path = door
        headers = {} if authorization is None else {"Authorization": authorization}
        body = {"name": self.group_name} if method == "POST" else None
        url = URL(path, encoded=True)
        async with self.http.request(method, url, headers=headers, json=body) as answer:
            self.figures.count(answer.status)
            problem: Any = await answer.json(content_type=None)
        assert problem == {
            "type": "about:blank",
            "title": "Who are you?",
            "status": HTTPStatus.UNAUTHORIZED,
            "detail": words,
            "code": code,
        }, (door, headers, answer.status, problem)
        assert answer.status == HTTPStatus.UNAUTHORIZED
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"

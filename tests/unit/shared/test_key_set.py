"""An issuer's published keys: who signed with one of them is let in, and rotation needs nobody."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from shared.supervision import Health
from shared.web import key_set
from shared.web.identity import TokenVerifier, Unauthenticated
from shared.web.key_set import KeySet
from shared.web.keys import KeysUnavailable
from tests.fixtures.tokens import AUDIENCE, ISSUER

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SHORT_RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
OTHER = ec.generate_private_key(ec.SECP256R1())
NOW = int(time.time())


def jwk(key: Any, key_id: str | None, **fields: object) -> dict[str, object]:
    """The public part, as an issuer publishes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        made = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    elif isinstance(key, ed25519.Ed25519PrivateKey):
        made = json.loads(OKPAlgorithm.to_jwk(key.public_key()))
    else:
        made = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    # PyJWT marks what it makes with `key_ops`; issuers mostly do not.
    made.pop("key_ops", None)
    return {**made, **({"kid": key_id} if key_id else {}), **fields}


def signed(key: Any, algorithm: str, key_id: str | None = "one", **claims: object) -> str:
    made = {"sub": "bob", "iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 3600, **claims}
    return jwt.encode(made, key, algorithm, headers={"kid": key_id} if key_id else None)


class Issuer:
    """Publishes `keys`, and counts who asks."""

    def __init__(self) -> None:
        self.keys: list[dict[str, object]] = []
        self.asked = 0
        self.status = 200
        self.body: bytes | None = None
        self.url = ""
        self.health = Health()

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        body = json.dumps({"keys": self.keys}).encode() if self.body is None else self.body
        return web.Response(status=self.status, body=body, headers={"Location": "/elsewhere"})

    def verifier(self, keys: KeySet | None = None) -> TokenVerifier:
        return TokenVerifier(keys or KeySet(self.url, self.health), ISSUER, AUDIENCE)


@pytest.fixture
async def issuer(aiohttp_server: Callable[[web.Application], Awaitable[TestServer]]) -> Issuer:
    made = Issuer()
    app = web.Application()
    app.router.add_get("/keys", made.answer)
    made.url = str((await aiohttp_server(app)).make_url("/keys"))
    return made


async def looked(issuer: Issuer) -> TokenVerifier:
    """A verifier that has looked once."""
    keys = KeySet(issuer.url, issuer.health)
    await keys.look_again()
    return issuer.verifier(keys)


async def is_refused(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.identity(token)
    except Unauthenticated as refusal:
        assert refusal.code == "token_invalid"
        return True
    return False


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA")])
async def test_who_signed_with_a_published_key_is_let_in(
    issuer: Issuer, key: Any, algorithm: str
) -> None:
    issuer.keys = [jwk(OTHER, "other"), jwk(key, "one")]
    verifier = await looked(issuer)
    assert (await verifier.identity(signed(key, algorithm))).user_id == "bob"
    assert await is_refused(verifier, signed(key, algorithm, "other"))
    assert await is_refused(verifier, signed(OTHER, "ES256"))


async def test_the_only_key_may_go_without_an_id(issuer: Issuer) -> None:
    issuer.keys = [jwk(EC, None)]
    verifier = await looked(issuer)
    assert not await is_refused(verifier, signed(EC, "ES256", None))


async def test_a_public_key_is_no_secret(issuer: Issuer) -> None:
    """The classic forgery: HS256, signed with the text of the public key."""
    issuer.keys = [jwk(RSA, "one")]
    verifier = await looked(issuer)
    public = RSA.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = jwt.utils.base64url_encode(b'{"alg":"HS256","typ":"JWT","kid":"one"}').decode()
    payload = signed(RSA, "RS256").split(".")[1]
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{header}.{payload}".encode(), public
    )
    forged = f"{header}.{payload}.{jwt.utils.base64url_encode(signature).decode()}"
    assert await is_refused(verifier, forged)


async def test_a_key_is_good_for_its_own_algorithm_alone(issuer: Issuer) -> None:
    issuer.keys = [jwk(RSA, "one")]
    verifier = await looked(issuer)
    for algorithm in ("RS512", "PS256"):
        assert await is_refused(verifier, signed(RSA, algorithm))


@pytest.mark.parametrize(
    "unusable",
    [
        jwk(RSA, "one", use="enc"),
        jwk(RSA, "one", alg="RS512"),
        jwk(SHORT_RSA, "one"),
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I", "kid": "one"},
        {"kty": "RSA", "kid": "one", "n": "?", "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "kid": "one"},
        {**jwk(EC, "one"), "kid": 1},
        {"kty": ["RSA"], "kid": "one"},
    ],
)
async def test_a_key_that_is_not_for_this_is_left_out_and_costs_no_other(
    issuer: Issuer, unusable: dict[str, object]
) -> None:
    issuer.keys = [unusable, jwk(EC, "two")]
    verifier = await looked(issuer)
    assert await is_refused(verifier, signed(RSA, "RS256"))
    assert not await is_refused(verifier, signed(EC, "ES256", "two"))


async def test_a_key_published_just_now_is_found_without_waiting_for_the_next_look(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_set, "COOL_DOWN_SECONDS", 0.0)
    issuer.keys = [jwk(EC, "one")]
    verifier = await looked(issuer)
    issuer.keys.append(jwk(ED, "two"))
    assert not await is_refused(verifier, signed(ED, "EdDSA", "two"))
    assert not await is_refused(verifier, signed(EC, "ES256", "one"))


async def test_a_key_that_was_withdrawn_lets_nobody_in_who_was_let_in_before(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_set, "COOL_DOWN_SECONDS", 0.0)
    issuer.keys = [jwk(EC, "one"), jwk(ED, "two")]
    verifier = await looked(issuer)
    old = signed(EC, "ES256", "one")
    assert not await is_refused(verifier, old)
    issuer.keys = [jwk(ED, "two")]
    assert await is_refused(verifier, signed(ED, "EdDSA", "three"))
    assert await is_refused(verifier, old)


async def test_made_up_key_ids_do_not_make_us_ask_the_issuer_for_each(issuer: Issuer) -> None:
    issuer.keys = [jwk(EC, "one")]
    verifier = await looked(issuer)
    forged = [signed(OTHER, "ES256", f"made-up-{number}") for number in range(50)]
    assert all(await asyncio.gather(*(is_refused(verifier, token) for token in forged)))
    assert issuer.asked == 1


async def test_many_who_wait_for_a_new_key_share_one_look(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.keys = [jwk(EC, "one")]
    verifier = await looked(issuer)
    monkeypatch.setattr(key_set, "COOL_DOWN_SECONDS", 0.0)
    issuer.keys.append(jwk(ED, "two"))
    tokens = [signed(ED, "EdDSA", "two", sub=f"user-{number}") for number in range(50)]
    assert not any(await asyncio.gather(*(is_refused(verifier, token) for token in tokens)))
    assert issuer.asked == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *((404, None), (500, None), (302, None)),
        *((200, b"{"), (200, b"[]"), (200, b'{"keys": 1}'), (200, b'{"keys": []}')),
        (200, b" " * (key_set.MAX_BYTES + 1)),
    ],
)
async def test_an_issuer_that_fails_locks_nobody_out(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes | None
) -> None:
    issuer.keys = [jwk(EC, "one")]
    verifier = await looked(issuer)
    monkeypatch.setattr(key_set, "COOL_DOWN_SECONDS", 0.0)
    issuer.status, issuer.body = status, body
    assert await is_refused(verifier, signed(OTHER, "ES256", "two"))
    assert issuer.asked == 2
    assert not await is_refused(verifier, signed(EC, "ES256"))


async def test_before_the_first_keys_are_here_callers_are_told_to_come_back(issuer: Issuer) -> None:
    issuer.status = 503
    keys = KeySet(issuer.url, issuer.health)
    with pytest.raises(KeysUnavailable):
        await issuer.verifier(keys).identity(signed(EC, "ES256"))


async def test_a_service_counts_as_ready_once_it_has_keys(issuer: Issuer) -> None:
    issuer.keys = [jwk(EC, "one")]
    issuer.health.down(KeySet.PART, "starting")
    running = asyncio.create_task(KeySet(issuer.url, issuer.health).run())
    try:
        async with asyncio.timeout(5):
            while issuer.health.missing:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
    assert issuer.asked == 1


async def test_clocks_that_differ_have_their_leeway(issuer: Issuer) -> None:
    issuer.keys = [jwk(EC, "one")]
    keys = KeySet(issuer.url, issuer.health)
    await keys.look_again()
    late = signed(EC, "ES256", exp=int(time.time()) - 5)
    lenient = TokenVerifier(keys, ISSUER, AUDIENCE, leeway=30.0)
    caller = await lenient.identity(late)
    assert caller.expires_at > time.time()
    with pytest.raises(Unauthenticated):
        await issuer.verifier(keys).identity(late)

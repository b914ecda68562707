"""Tokens: who is let in as whom, and who is not."""

import asyncio
import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.web.identity import REQUIRED_CLAIMS, Identity, TokenVerifier, Unauthenticated
from shared.web.keys import SharedSecret
from tests.fixtures.tokens import AUDIENCE, ISSUER, SECRET, token

VERIFIER = TokenVerifier(SharedSecret(SECRET), ISSUER, AUDIENCE)
# When the tests are collected; they may run minutes later.
NOW = int(time.time())


def identity(text: str) -> Identity:
    return asyncio.run(VERIFIER.identity(text))


def claims(**changed: object) -> dict[str, object]:
    made = {"sub": "bob", "iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 3600, **changed}
    return {name: value for name, value in made.items() if value is not ...}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(payload: object, key: str = SECRET, digest: str = "sha256", **header: Any) -> str:
    """A token of any payload at all, well signed whatever its header says."""
    head = {"alg": "HS256", "typ": "JWT", **header}
    text = f"{part(head)}.{part(payload)}"
    signature = hmac.digest(key.encode(), text.encode(), digest)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def refused(text: str) -> str:
    """The code with which a token is refused."""
    with pytest.raises(Unauthenticated) as refusal:
        identity(text)
    assert refusal.value.status == 401
    assert refusal.value.headers["WWW-Authenticate"] == "Bearer"
    return refusal.value.code


def test_a_good_token_says_who_is_calling() -> None:
    caller = identity(signed(claims(name=" Bob  B. ")))
    assert (caller.user_id, caller.name, caller.expires_at) == ("bob", "Bob  B.", NOW + 3600)


def public_key_as_secret() -> str:
    """The classic: a token that names RS256, signed with the key in some other way."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims(), key, "RS256")


FORGED = {
    "nothing": "",
    "not a token": "x",
    "two parts": "a.b",
    "four parts": token("bob") + ".x",
    "no signature": token("bob").rpartition(".")[0] + ".",
    "no algorithm": f"{part({'alg': 'none'})}.{part(claims())}.",
    "no algorithm, in capitals": f"{part({'alg': 'NONE'})}.{part(claims())}.",
    "none, yet signed": signed(claims(), alg="none"),
    "another secret": signed(claims(), key="another-secret-of-the-token-issuer-9"),
    "HS512": signed(claims(), digest="sha512", alg="HS512"),
    "HS512 in name only": signed(claims(), alg="HS512"),
    "a public key's algorithm": public_key_as_secret(),
    "RS256 in name only": signed(claims(), alg="RS256"),
    "a critical extension": signed(claims(), crit=["b64"], b64=False),
    "a changed payload": ".".join(
        [token("bob").split(".")[0], part(claims(sub="eve")), token("bob").split(".")[2]]
    ),
    "a payload that is a list": signed([]),
    "a payload that is text": signed("bob"),
    "padding": token("bob") + "=",
    "not ASCII": token("bob") + "é",
    "a lone surrogate": token("bob") + "\udc80",
    **{f"no {claim}": signed(claims(**{claim: ...})) for claim in REQUIRED_CLAIMS},
    **{f"{claim} is null": signed(claims(**{claim: None})) for claim in REQUIRED_CLAIMS},
    "another issuer": signed(claims(iss="somebody")),
    "an issuer that only begins alike": signed(claims(iss=ISSUER + "x")),
    "another audience": signed(claims(aud="somebody")),
    "audiences without ours": signed(claims(aud=["a", "b"])),
    "exp as text": signed(claims(exp=str(NOW + 3600))),
    "exp as a list": signed(claims(exp=[NOW + 3600])),
    "exp as NaN": signed(claims(exp=float("nan"))),
    "exp as infinity": signed(claims(exp=float("inf"))),
    "exp beyond a float": signed(claims(exp=10**400)),
    "iat as text": signed(claims(iat=str(NOW))),
    "iat as false": signed(claims(iat=False)),
    "not yet valid": signed(claims(nbf=NOW + 3600)),
    **{
        f"sub {sub!r}": signed(claims(sub=sub))
        for sub in (
            *("", " ", "a b", "a,b", "bob\n", "\tbob", "a\0b", "é", "bob\u200b", "x" * 129),
            *(1, True, ["bob"], {"bob": 1}),
        )
    },
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED.keys())
def test_a_token_that_is_not_quite_right_lets_nobody_in(text: str) -> None:
    assert refused(text) == "token_invalid"


def test_an_expired_token_is_told_apart_so_that_clients_can_sign_in_again() -> None:
    assert refused(signed(claims(exp=NOW - 1))) == "token_expired"
    assert refused(signed(claims(exp=0))) == "token_expired"
    assert refused(signed(claims(exp=-1.5))) == "token_expired"
    assert refused(signed(claims(exp=True))) == "token_expired"


def test_a_token_that_was_good_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = signed(claims())
    identity(text)
    monkeypatch.setattr(time, "time", lambda: NOW + 3601.0)
    assert refused(text) == "token_expired"


@pytest.mark.parametrize("sub", ["b", "x" * 128, "!~", "a/b", "user@example.com", "%2C", "{x}"])
def test_any_visible_ascii_without_a_comma_is_a_user_id(sub: str) -> None:
    assert identity(signed(claims(sub=sub))).user_id == sub


def test_one_of_several_audiences_and_a_clock_ahead_are_fine() -> None:
    identity(signed(claims(aud=["other", AUDIENCE], iat=NOW + 1000)))
    identity(signed(claims(exp=NOW + 0.5 + 3600)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann", "Ann"),
        ("  Ann  ", "Ann"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("می‌خواهم", "می‌خواهم"),
        ("x" * 100, "x" * 100),
        ("x" * 101, None),
        ("", None),
        ("   ", None),
        ("a\nb", None),
        ("a\0b", None),
        ("a\x7fb", None),
        ("a\u2028b", None),
        ("a\ud800b", None),
        (1, None),
        (["Ann"], None),
        (None, None),
    ],
)
def test_a_name_that_could_not_be_shown_is_ignored(name: object, shown: str | None) -> None:
    assert identity(signed(claims(name=name))).name == shown

"""Tokens that an issuer would not make, or not for us. Most are well signed: whoever looks at the
signature alone takes them."""

import base64
import hmac
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.fixtures.tokens import AUDIENCE, ISSUER, SECRET

VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.5, 10**400, float("nan"), float("inf"), "", " ", "x", "\0"),
    *("99999999999", [], [None], ["circles"], {}, {"a": 1}, "é", "\ud800", "x" * 3000, [[[[]]]]),
]
# Python writes and reads NaN; JSON does not know it.
JSON_VALUES = [each for each in VALUES if str(each) not in ("nan", "inf")]
# fmt: off
ALGORITHMS: list[Any] = [
    "none", "None", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256", "hs256",
    None, 1, True, [], ["HS256"], {"alg": "HS256"}, "HS256 ", " HS256", "HS256\0", "../HS256",
]
# fmt: on
CLAIMS = ("sub", "iss", "aud", "iat", "exp", "nbf", "name", "jti", "scope")
# What each claim may be beside what a good token has: those are no reason to refuse.
HARMLESS: Mapping[str, Sequence[object]] = {
    "sub": ["x", "99999999999"],
    "aud": [["circles"]],
    "iat": [0, 1, -1, 1.5],
    "nbf": [0, 1, -1, 1.5],
    "name": JSON_VALUES,
    "jti": ["", " ", "x", "\0", "99999999999", "é", "\ud800", "x" * 3000],
    "scope": JSON_VALUES,
}


def part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: bytes, payload: bytes, secret: str = SECRET, digest: str = "sha256") -> str:
    """These very bytes, well signed."""
    text = f"{part(header)}.{part(payload)}"
    return f"{text}.{part(hmac.digest(secret.encode(), text.encode(), digest))}"


def claims(**changed: object) -> dict[str, object]:
    now = int(time.time())
    made = {"sub": "bob", "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 3600}
    return {name: value for name, value in {**made, **changed}.items() if value is not ...}


def bytes_of(value: object) -> bytes:
    return json.dumps(value).encode()


HEAD = bytes_of({"alg": "HS256", "typ": "JWT"})


def good(**changed: object) -> str:
    return signed(HEAD, bytes_of(claims(**changed)))


def headers() -> Iterator[tuple[str, str]]:
    """Of every wrong kind. What else a header says must not matter, so it is wrong in `alg` too."""
    body = bytes_of(claims())
    for algorithm in ALGORITHMS:
        head = bytes_of({"alg": algorithm, "typ": "JWT"})
        yield f"alg {algorithm!r}, signed", signed(head, body)
        yield f"alg {algorithm!r}, unsigned", f"{part(head)}.{part(body)}."
        yield f"alg {algorithm!r}, an empty secret", signed(head, body, secret="")
    yield "no alg", signed(b"{}", body)
    fields: list[dict[str, object]] = [
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"kid": 1},
    ]
    for field in fields:
        yield f"header {field}", signed(bytes_of({"alg": "HS256", **field}), body)
    for kid in (["a"], {"a": 1}, True, 1.5):
        yield f"kid {kid!r}", signed(bytes_of({"alg": "HS256", "kid": kid}), body)
    for name in ("jku", "x5u", "jwk", "x5c"):
        head = bytes_of({"alg": "HS256", name: "https://elsewhere.example/keys"})
        yield f"keys by {name}", signed(head, body, secret="https://elsewhere.example")
    for raw in (b"[]", b'"HS256"', b"null", b"1", b"", b"{", b"\xff\xfe", b'{"alg":"HS256"}x'):
        yield f"header {raw!r}", signed(raw, body)
    yield "alg twice", signed(b'{"alg":"none","alg":"HS256"}', body)
    yield "a header in UTF-16", signed('{"alg":"HS256"}'.encode("utf-16"), body)
    yield "a header with a byte order mark", signed(b'\xef\xbb\xbf{"alg":"HS256"}', body)


def payloads() -> Iterator[tuple[str, str]]:
    for name in CLAIMS:
        for value in VALUES:
            if name == "exp" and isinstance(value, int | float) and value < 2:
                # Expired: that is told apart.
                continue
            if not any(_same(value, each) for each in HARMLESS.get(name, ())):
                yield f"{name} {str(value)[:20]!r} of {type(value).__name__}", good(**{name: value})
        if name not in ("nbf", "name", "jti", "scope"):
            yield f"no {name}", good(**{name: ...})
    good_one = bytes_of(claims())
    yield "sub twice", signed(HEAD, good_one[:-1] + b',"sub":"alice"}')
    yield "exp twice", signed(HEAD, b'{"exp":1,' + good_one[1:])
    yield "sub twice, spelled differently", signed(HEAD, good_one[:-1] + b',"\\u0073ub":"alice"}')
    yield "a key twice, deep down", signed(HEAD, good_one[:-1] + b',"x":{"a":1,"a":2}}')
    yield "not UTF-8", signed(HEAD, good_one.replace(b"bob", b"b\xffb"))
    yield "UTF-16", signed(HEAD, good_one.decode().encode("utf-16"))
    yield "UTF-32", signed(HEAD, good_one.decode().encode("utf-32-le"))
    yield "a byte order mark", signed(HEAD, b"\xef\xbb\xbf" + good_one)
    yield "cut short", signed(HEAD, good_one[:-1])
    yield "something after it", signed(HEAD, good_one + b"{}")
    yield "a token in a token", signed(bytes_of({"alg": "HS256", "cty": "JWT"}), good().encode())
    for raw in (b"[]", b"null", b"1", b'"bob"', b"", b"{}"):
        yield f"a payload of {raw!r}", signed(HEAD, raw)


def spellings() -> Iterator[tuple[str, str]]:
    """Of a good token, otherwise written, or put together anew."""
    token = good()
    head, body, signature = token.split(".")
    yield from {
        "nothing": "",
        "dots alone": "..",
        "one part": head,
        "two parts": f"{head}.{body}",
        "four parts": f"{token}.{signature}",
        "five parts, as if encrypted": f"{token}.{signature}.{body}",
        "padding at the end": token + "=",
        "padding in every part": f"{head}=.{body}=.{signature}=",
        "padding that is right": ".".join(
            each + "=" * (-len(each) % 4) for each in token.split(".")
        ),
        "plain base64": token.replace("-", "+").replace("_", "/").replace(".", "+."),
        "a space inside": f"{head}. {body}.{signature}",
        "a tab inside": f"{head}.{body}\t.{signature}",
        "percent-encoded": token.replace(".", "%2E"),
        "in quotes": f'"{token}"',
        "no signature": f"{head}.{body}.",
        "half a signature": f"{head}.{body}.{signature[:20]}",
        "a signature too long": f"{head}.{body}.{signature}AAAA",
        "parts in another order": f"{body}.{head}.{signature}",
        "another's payload": f"{head}.{part(bytes_of(claims(sub='alice')))}.{signature}",
        "two tokens": f"{token},{token}",
        "as JSON": json.dumps({"payload": body, "protected": head, "signature": signature}),
        "another secret": signed(HEAD, bytes_of(claims()), secret=SECRET + "x"),
        "SHA-512": signed(bytes_of({"alg": "HS256"}), bytes_of(claims()), digest="sha512"),
        "upper case": token.upper(),
    }.items()
    # The last character has bits that mean nothing: four spellings of one signature.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = alphabet.index(signature[-1])
    for other in range(place // 4 * 4, place // 4 * 4 + 4):
        if other != place:
            yield f"unused bits {other % 4}", token[:-1] + alphabet[other]


def nested(depth: int) -> Iterator[str]:
    """So deep that a reader gives up, or not."""
    deep = b',"x":' + b"[" * depth + b"]" * depth + b"}"
    yield signed(HEAD[:-1] + deep, bytes_of(claims()))
    yield signed(HEAD, bytes_of(claims())[:-1] + deep)
    # Nobody who makes these need know the secret: a header is read before the signature is.
    yield part(HEAD[:-1] + deep) + ".e30.AAAA"


def corpus() -> dict[str, str]:
    """Each by its name; made now, since tokens age."""
    return dict([*headers(), *payloads(), *spellings()])


def spoilt(rng: random.Random) -> str:
    """A good token in which some characters are others."""
    token = list(good())
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(token))
        match rng.randrange(4):
            case 0:
                token[place] = rng.choice("ABCXYZabcxyz0189-_.=+/~")
            case 1:
                del token[place]
            case 2:
                token.insert(place, rng.choice("Aa0-_."))
            case _:
                token[place:] = token[place:][::-1]
    return "".join(token)


def _same(one: object, other: object) -> bool:
    """As JSON has it: 1 and true are not the same."""
    return type(one) is type(other) and repr(one) == repr(other)

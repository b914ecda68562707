"""Reading a JSON Web Key Set (RFC 7517): the keys that are usable here, each with its algorithm."""

import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from shared.web.keys import VerifyingKey

MAX_KEYS = 100
# Shorter ones are refused by RFC 7518, section 3.3.
RSA_BITS = 2048

# The one algorithm of each kind of key (RFC 7518, RFC 8037). What the token's header says never
# chooses: a verifier that believed it would take a public key for an HMAC secret.
_ALGORITHMS: Mapping[tuple[str, str], str] = {
    ("RSA", ""): "RS256",
    ("EC", "P-256"): "ES256",
    ("OKP", "Ed25519"): "EdDSA",
}


def parse(body: bytes | bytearray) -> Mapping[str | None, VerifyingKey]:
    """The usable keys of a JWK Set, by id: others' uses and algorithms are left out. Raises
    ValueError when it is none."""
    try:
        listed = json.loads(body)["keys"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the issuer's answer is no key set") from error
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise ValueError(f"the issuer's key set is no list of at most {MAX_KEYS} keys")
    found: dict[str | None, VerifyingKey] = {}
    for each in listed:
        if isinstance(each, dict) and (key := _usable(each)):
            found[each.get("kid")] = key
    return found


def _usable(jwk: dict[str, Any]) -> VerifyingKey | None:
    algorithm = _ALGORITHMS.get((str(jwk.get("kty")), str(jwk.get("crv", ""))))
    is_meant = jwk.get("use", "sig") == "sig" and jwk.get("alg", algorithm) == algorithm
    if algorithm is None or not is_meant or not isinstance(jwk.get("kid"), str | None):
        return None
    try:
        key = jwt.PyJWK(jwk, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        # One key that can't be read must not cost the others.
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < RSA_BITS:
        return None
    return VerifyingKey(key, algorithm)


def fingerprint(key: VerifyingKey) -> object:
    """Equal for equal keys."""
    numbers = getattr(key.key, "public_numbers", None)
    return (key.algorithm, numbers() if numbers else key.key.public_bytes_raw())

"""Which key a token may be signed with. Here: the one secret that is shared with the issuer."""

from dataclasses import dataclass
from typing import Any, Protocol

from shared.errors import Unavailable


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key, and the only algorithm that it is good for."""

    key: Any
    algorithm: str


class KeysUnavailable(Unavailable):
    """No key was ever fetched: nobody can be let in, and nobody be refused."""

    code = "keys_unavailable"


class UnknownKey(Exception):
    """No key of this id is known."""


class Keys(Protocol):
    """`version` changes whenever a key may have gone: what was verified before then counts no
    more."""

    @property
    def version(self) -> int: ...

    def find(self, key_id: str | None) -> VerifyingKey:
        """Raises UnknownKey and KeysUnavailable."""
        ...

    async def look_again(self) -> None:
        """An unknown key may have been published just now. Never raises."""
        ...


class SharedSecret:
    """The secret of an issuer of our own: HS256 and nothing else, whatever key id a token names."""

    version = 0

    def __init__(self, secret: str) -> None:
        self._key = VerifyingKey(secret, "HS256")

    def find(self, key_id: str | None) -> VerifyingKey:
        return self._key

    async def look_again(self) -> None:
        """A secret does not change."""

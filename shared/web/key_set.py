"""The keys that an issuer publishes: fetched beforehand, and again all the while.

Never on the way of a call: a client that blocks (as PyJWT's own does) would stop the loop that
serves everybody. Only a key id that is not known makes a call wait for one more look, and such
looks are far apart: who sends made-up ids must not make us call the issuer for each.
"""

import asyncio
import time
from collections.abc import Mapping

import aiohttp

from shared.logs import get_logger
from shared.supervision import Health
from shared.web.jwks import fingerprint, parse
from shared.web.keys import KeysUnavailable, UnknownKey, VerifyingKey

log = get_logger(__name__)

REFRESH_SECONDS = 300.0
# After a failure, and between two looks for unknown ids.
COOL_DOWN_SECONDS = 10.0
FETCH_SECONDS = 5.0
MAX_BYTES = 256 * 1024


class KeySet:
    """The keys that an issuer publishes at `url` (RFC 7517). Rotation needs nobody's help: a new
    key is found at the next look, an old one is good for as long as the issuer lists it. While the
    issuer can't be reached, the keys last seen go on."""

    PART = "token keys"

    def __init__(self, url: str, health: Health) -> None:
        self.version = 0
        self._url = url
        self._health = health
        self._keys: Mapping[str | None, VerifyingKey] = {}
        self._published: object = None
        self._looked_at = -COOL_DOWN_SECONDS
        self._looking: asyncio.Task[None] | None = None

    def find(self, key_id: str | None) -> VerifyingKey:
        if not self._keys:
            raise KeysUnavailable("The token's issuer can't be asked for its keys. Try again soon.")
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        if (found := self._keys.get(key_id)) is None:
            raise UnknownKey
        return found

    async def look_again(self) -> None:
        if self._looking is None:
            if time.monotonic() - self._looked_at < COOL_DOWN_SECONDS:
                return
            self._looking = asyncio.create_task(self._try())
        # Shared by all who wait, so none of them may cancel it.
        await asyncio.shield(self._looking)

    async def run(self) -> None:
        """Look all the while. Raises what the first look raised; later ones only wait."""
        if not self._keys:
            await self._fetch()
        self._health.up(self.PART)
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            await self._try()

    async def _try(self) -> None:
        try:
            await self._fetch()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            log.warning("keys not refreshed", reason=f"{type(error).__name__}: {error}"[:200])
        finally:
            self._looking = None

    async def _fetch(self) -> None:
        self._looked_at = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as http,
            http.get(self._url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise ValueError(f"the issuer answered {answer.status}")
            body = bytearray()
            async for part in answer.content.iter_any():
                body += part
                if len(body) > MAX_BYTES:
                    raise ValueError(f"the issuer's key set is larger than {MAX_BYTES} bytes")
        self._take(parse(body))

    def _take(self, keys: Mapping[str | None, VerifyingKey]) -> None:
        """Put in their place what was published; an answer without a usable key changes nothing."""
        if not keys:
            raise ValueError("the issuer publishes no key of RS256, ES256 or EdDSA")
        told = {key_id: fingerprint(key) for key_id, key in keys.items()}
        if told != self._published:
            self._keys, self._published, self.version = keys, told, self.version + 1
            log.info("keys changed", key_ids=[str(key_id) for key_id in keys])

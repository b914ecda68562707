"""Calling another service: at one address or several, with a token that clients can't have."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp

from shared.web.service_tokens import ServiceTokens

# How long a replica may be silent while there is another to ask.
TRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    status: int
    body: bytes


class Peer:
    """The replicas of another service: the first that can be reached and speaks is asked.

    Calls must be safe to repeat: a replica that fell silent may have carried them out.
    """

    def __init__(
        self, http: aiohttp.ClientSession, urls: Sequence[str], tokens: ServiceTokens
    ) -> None:
        self._http = http
        # Whoever failed to answer stands last.
        self._urls = [url.rstrip("/") for url in urls]
        self._tokens = tokens

    async def call(
        self, method: str, path: str, params: Mapping[str, int] | None = None
    ) -> PeerAnswer:
        """Raises aiohttp.ClientError or OSError when no replica answers. The time for all of it is
        the caller's to bound."""
        *others, last = self._urls
        for url in others:
            try:
                async with asyncio.timeout(TRY_SECONDS):
                    return await self._ask(method, url + path, params)
            except (aiohttp.ClientConnectionError, TimeoutError):
                self._put_last(url)
            except asyncio.CancelledError:
                # The caller has no more time: next time another should be asked.
                self._put_last(url)
                raise
        return await self._ask(method, last + path, params)

    def _put_last(self, url: str) -> None:
        """The others keep their order."""
        self._urls.sort(key=url.__eq__)

    async def _ask(self, method: str, url: str, params: Mapping[str, int] | None) -> PeerAnswer:
        async with self._http.request(
            method,
            url,
            params=params,
            headers={"Authorization": f"Bearer {self._tokens.new()}"},
            allow_redirects=False,
        ) as response:
            return PeerAnswer(response.status, await response.read())

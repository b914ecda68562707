"""Calls over HTTP, with the token in use."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from circles_client.errors import Problem, TokenRefused, Unreachable, problem_of, words_of
from circles_client.timing import Timing
from circles_client.tokens import Tokens

_LOST = (aiohttp.ClientError, OSError, TimeoutError)


def check_address(url: str) -> None:
    """Raises ValueError for what no call could ever reach: trying again would hide the mistake."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"{url!r} is not the address of a server: it begins with http:// or https://, "
            "such as http://localhost:8080."
        )


class Calls:
    """One server, one user. Every method here raises TokenRefused, Problem and Unreachable."""

    def __init__(
        self, url: str, tokens: Tokens, timing: Timing, session: aiohttp.ClientSession | None
    ) -> None:
        check_address(url)
        self.url = url.rstrip("/")
        self.tokens = tokens
        self.timing = timing
        self._session = session
        self._owns_session = session is None
        self.is_closed = False

    async def close(self) -> None:
        """Close what was opened here; a session that was handed in stays open."""
        self.is_closed = True
        if self._owns_session and self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        within: float | None = None,
    ) -> Any:
        """The JSON of the answer, within so many seconds."""
        try:
            async with asyncio.timeout(within or self.timing.call):
                response = await self.open(method, path, body=body, query=query)
                async with response:
                    return await response.json(content_type=None)
        except ValueError as error:
            raise Unreachable(f"{method} {path}: the answer is not JSON") from error
        except _LOST as error:
            raise Unreachable(f"{method} {path}: {words_of(error)}") from error

    async def open(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> aiohttp.ClientResponse:
        """The answer once its headers are there. A refused token is replaced once, if it can be."""
        token = await self.tokens.current()
        try:
            return await self._send(token, method, path, body, query, headers)
        except TokenRefused as refused:
            await self.tokens.replace(token, refused)
        return await self._send(await self.tokens.current(), method, path, body, query, headers)

    async def _send(
        self,
        token: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> aiohttp.ClientResponse:
        if self.is_closed:
            raise Unreachable("this client is closed")
        if self._session is None:
            # Streams last for hours: no limit in all. Each call has one of its own.
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.timing.connect)
            )
        try:
            response = await self._session.request(
                method,
                self.url + path,
                json=body,
                params=query,
                headers={**(headers or {}), "Authorization": f"Bearer {token}"},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.timing.connect),
            )
            if response.status < 400:
                return response
            async with response:
                raise problem_of(response.status, await _json(response), response.headers)
        except _LOST as error:
            raise Unreachable(f"{method} {path}: {words_of(error)}") from error


async def _json(response: aiohttp.ClientResponse) -> Any:
    try:
        return await response.json(content_type=None)
    except ValueError:
        return None


def is_from_a_proxy(problem: Problem) -> bool:
    """Whether this refusal is not in the words of Circles."""
    return problem.code == "unexplained"

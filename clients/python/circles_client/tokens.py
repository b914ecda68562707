"""The token in use, renewed before it ends and when it is refused."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable

import aiohttp

from circles_client.errors import Problem, TokenRefused, Unreachable, words_of

TokenSource = str | Callable[[], Awaitable[str]]

# A token is renewed this long before its end, or at the last tenth of a short life.
_MARGIN_SECONDS = 30.0
_MARGIN_SHARE = 0.1
# A source that gives the same token again is not asked for another before this.
_ASK_AGAIN_SECONDS = 5.0


class Tokens:
    """Gives the token for the next call. A fixed one is used until it is refused; a function is
    asked anew before the token ends, by one caller at a time."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self._token = source if isinstance(source, str) else ""
        self._renew_at = float("inf")
        self._lock = asyncio.Lock()

    async def current(self) -> str:
        """The token to use now. Where there is none at all, raises what the function raises, and
        Unreachable in place of errors of the network."""
        if not self._token or self._is_due():
            async with self._lock:
                if not self._token:
                    await self._ask()
                elif self._is_due():
                    await self._renew_early()
        return self._token

    async def replace(self, refused: str, problem: Problem) -> None:
        """Get another token for the one that was `refused`. Raises TokenRefused if there is none,
        and what `current` raises."""
        async with self._lock:
            if self._token != refused:
                return
            if isinstance(self._source, str):
                raise _final(problem)
            await self._ask()
            if self._token == refused:
                raise _final(problem)

    def seconds_left(self) -> float:
        """Until the token is due for renewal; infinite for one that can't be renewed."""
        return max(0.0, self._renew_at - time.monotonic())

    def _is_due(self) -> bool:
        return time.monotonic() >= self._renew_at

    async def _ask(self) -> None:
        assert not isinstance(self._source, str), "a fixed token is there from the start"
        try:
            token = await self._source()
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"no token can be had at present: {words_of(error)}") from error
        same = token == self._token
        self._token = token
        life = _life(token)
        wait = life - min(_MARGIN_SECONDS, life * _MARGIN_SHARE)
        self._renew_at = time.monotonic() + (max(wait, _ASK_AGAIN_SECONDS) if same else wait)

    async def _renew_early(self) -> None:
        """The present token is still good: whoever issues tokens may be away for a while."""
        try:
            await self._ask()
        except Exception:
            self._renew_at = time.monotonic() + _ASK_AGAIN_SECONDS


def _final(problem: Problem) -> TokenRefused:
    return TokenRefused(problem.status, problem.code, problem.detail)


def _life(token: str) -> float:
    """How many seconds the token still lives by our clock; infinite where it does not say, or
    where by our clock it is over already: then only the server's word counts."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        left = float(claims["exp"]) - time.time()
    except (IndexError, ValueError, KeyError, TypeError):
        return float("inf")
    return left if left > 0 else float("inf")

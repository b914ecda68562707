"""Asking the groups service for a group that chat's copy lacks."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import aiohttp
from pydantic import ValidationError

from services.chat.errors import GroupsAway
from shared.events.groups import GroupSnapshot
from shared.logs import get_logger
from shared.web.service_tokens import ServiceTokens

log = get_logger(__name__)

ANSWER_SECONDS = 3.0
# How long a replica may be silent while there is another to ask.
TRY_SECONDS = 1.0
# Questions in flight at once: calls about groups that don't exist must not drown the other service.
IN_FLIGHT = 16


class GroupsClient:
    """One question, with a deadline that includes waiting for one's turn."""

    def __init__(
        self, http: aiohttp.ClientSession, urls: Sequence[str], tokens: ServiceTokens
    ) -> None:
        self._http = http
        # Whoever failed to answer stands last.
        self._urls = [url.rstrip("/") for url in urls]
        self._tokens = tokens
        self._turns = asyncio.Semaphore(IN_FLIGHT)

    async def snapshot(self, group_id: UUID, after: int) -> GroupSnapshot | None:
        """The group and its facts after version `after`; None if there is no such group.

        Raises GroupsAway when no usable answer comes in time.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._turns:
                return await self._ask_around(group_id, after)
        except (aiohttp.ClientError, OSError, TimeoutError, ValidationError) as error:
            log.warning("groups gave no answer", group_id=str(group_id), kind=type(error).__name__)
            raise GroupsAway from error

    async def _ask_around(self, group_id: UUID, after: int) -> GroupSnapshot | None:
        """The answer of the first replica that can be reached and speaks."""
        *others, last = self._urls
        for url in others:
            try:
                async with asyncio.timeout(TRY_SECONDS):
                    return await self._ask(url, group_id, after)
            except (aiohttp.ClientConnectionError, TimeoutError):
                # The others keep their order.
                self._urls.sort(key=url.__eq__)
        return await self._ask(last, group_id, after)

    async def _ask(self, url: str, group_id: UUID, after: int) -> GroupSnapshot | None:
        async with self._http.get(
            f"{url}/internal/v1/groups/{group_id}",
            params={"after": after},
            headers={"Authorization": f"Bearer {self._tokens.new()}"},
            allow_redirects=False,
        ) as response:
            if response.status == 404:
                return None
            if response.status != 200:
                raise aiohttp.ClientError(f"groups answered {response.status}")
            return GroupSnapshot.model_validate_json(await response.read())

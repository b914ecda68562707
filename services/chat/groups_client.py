"""Asking the groups service for a group that chat's copy lacks."""

import asyncio
from uuid import UUID

import aiohttp
from pydantic import ValidationError

from services.chat.errors import GroupsAway
from shared.events.groups import GroupSnapshot
from shared.logs import get_logger
from shared.web.peer import Peer

log = get_logger(__name__)

ANSWER_SECONDS = 3.0
# Questions in flight at once: calls about groups that don't exist must not drown the other service.
IN_FLIGHT = 16


class GroupsClient:
    """One question, with a deadline that includes waiting for one's turn."""

    def __init__(self, groups: Peer) -> None:
        self._groups = groups
        self._turns = asyncio.Semaphore(IN_FLIGHT)

    async def snapshot(self, group_id: UUID, after: int) -> GroupSnapshot | None:
        """The group and its facts after version `after`; None if there is no such group.

        Raises GroupsAway when no usable answer comes in time.
        """
        path = f"/internal/v1/groups/{group_id}"
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._turns:
                answer = await self._groups.call("GET", path, {"after": after})
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise aiohttp.ClientError(f"groups answered {answer.status}")
            return GroupSnapshot.model_validate_json(answer.body)
        except (aiohttp.ClientError, OSError, TimeoutError, ValidationError) as error:
            log.warning("groups gave no answer", group_id=str(group_id), kind=type(error).__name__)
            raise GroupsAway from error

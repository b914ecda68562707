"""Messages: sending, the history, receipts."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote
from uuid import uuid4

from circles_client.backoff import Backoff
from circles_client.calls import Calls
from circles_client.errors import Problem, Unreachable
from circles_client.shapes import Conversations, History, Message, MessageStatus, ReadMark


class MessageCalls:
    """Every call raises Problem, TokenRefused and Unreachable."""

    calls: Calls

    async def send(
        self,
        group_id: str,
        content: str,
        *,
        type: str = "text",  # noqa: A002
        metadata: Mapping[str, Any] | None = None,
        client_message_id: str | None = None,
    ) -> Message:
        """Send once, however often the network makes us try: the message carries an id of ours,
        by which the server knows it again. Gives up after `Timing.patience` seconds; whoever then
        tries again with the same `client_message_id` still sends once."""
        body: dict[str, Any] = {
            "content": content,
            "type": type,
            "clientMessageId": client_message_id or uuid4().hex,
        }
        if metadata is not None:
            body["metadata"] = metadata
        path = f"/v1/groups/{quote(group_id, safe='')}/messages"
        timing = self.calls.timing
        backoff = Backoff(timing.retry / 2, timing.retry_at_most)
        give_up_at = asyncio.get_running_loop().time() + timing.patience
        while True:
            try:
                return cast(Message, await self.calls.call("POST", path, body=body))
            except (Problem, Unreachable) as error:
                if self.calls.is_closed or (isinstance(error, Problem) and not error.is_passing):
                    raise
                pause = backoff.next(error.retry_after if isinstance(error, Problem) else None)
                if asyncio.get_running_loop().time() + pause > give_up_at:
                    raise
            await asyncio.sleep(pause)

    async def history(
        self,
        group_id: str,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> History:
        """The newest messages, or those before or after a `seq`; oldest first in either case."""
        query = {"limit": str(limit)}
        if before is not None:
            query["before"] = str(before)
        if after is not None:
            query["after"] = str(after)
        path = f"/v1/groups/{quote(group_id, safe='')}/messages"
        return cast(History, await self.calls.call("GET", path, query=query))

    async def read(self, message_id: str) -> ReadMark:
        """Mark the message, and all before it in its group, as read."""
        return cast(ReadMark, await self.calls.call("POST", f"{_path(message_id)}/read"))

    async def message(self, message_id: str) -> Message:
        return cast(Message, await self.calls.call("GET", _path(message_id)))

    async def message_status(self, message_id: str) -> MessageStatus:
        """Who has it, and who has read it."""
        return cast(MessageStatus, await self.calls.call("GET", f"{_path(message_id)}/status"))

    async def delete_message(self, message_id: str) -> None:
        await self.calls.call("DELETE", _path(message_id))

    async def conversations(self, page: int = 1, limit: int = 20) -> Conversations:
        """The groups by last activity, with how much is unread in each."""
        query = {"page": str(page), "limit": str(limit)}
        return cast(Conversations, await self.calls.call("GET", "/v1/conversations", query=query))


def _path(message_id: str) -> str:
    return f"/v1/messages/{quote(message_id, safe='')}"

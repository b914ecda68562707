"""The inbox: notifications as the server keeps them, and tickets for browsers."""

from typing import cast
from urllib.parse import quote

from circles_client.calls import Calls
from circles_client.shapes import Inbox, InboxEntry, Ticket


class InboxCalls:
    """Every call raises Problem, TokenRefused and Unreachable."""

    calls: Calls

    async def inbox(
        self,
        *,
        unread: bool = False,
        type: str | None = None,  # noqa: A002
        page: int = 1,
        limit: int = 20,
    ) -> Inbox:
        """Newest first; only what is unread, or of one type, where asked."""
        query = {"page": str(page), "limit": str(limit)}
        if unread:
            query["unread"] = "true"
        if type is not None:
            query["type"] = type
        return cast(Inbox, await self.calls.call("GET", "/v1/notifications", query=query))

    async def unread_count(self) -> int:
        answer = await self.calls.call("GET", "/v1/notifications/unread-count")
        return int(answer["count"])

    async def mark_read(self, notification_id: str) -> InboxEntry:
        answer = await self.calls.call("PATCH", f"{_path(notification_id)}/read")
        return cast(InboxEntry, answer["notification"])

    async def mark_all_read(self) -> int:
        """How many were unread until now."""
        answer = await self.calls.call("PATCH", "/v1/notifications/read-all")
        return int(answer["count"])

    async def delete_notification(self, notification_id: str) -> None:
        await self.calls.call("DELETE", _path(notification_id))

    async def ticket(self) -> Ticket:
        """What a browser's EventSource opens a stream with, since it sends no headers."""
        return cast(Ticket, await self.calls.call("POST", "/v1/sse/ticket"))


def _path(notification_id: str) -> str:
    return f"/v1/notifications/{quote(notification_id, safe='')}"

"""Groups and their members."""

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import quote

from circles_client.calls import Calls
from circles_client.shapes import Added, Group, Groups, Members


class GroupCalls:
    """Every call raises Problem, TokenRefused and Unreachable."""

    calls: Calls

    async def create_group(self, name: str, member_ids: Sequence[str] = (), **more: Any) -> Group:
        """Make a group with these members; `more` are `description`, `avatar`, `settings`."""
        body = {"name": name, "memberIds": list(member_ids), **more}
        return cast(Group, await self.calls.call("POST", "/v1/groups", body=body))

    async def open_dm(self, recipient_id: str) -> Group:
        """The one conversation of two: made now, or the one that exists."""
        body = {"recipientId": recipient_id}
        return cast(Group, await self.calls.call("POST", "/v1/groups/dm", body=body))

    async def groups(self, page: int = 1, limit: int = 100) -> Groups:
        query = {"page": str(page), "limit": str(limit)}
        return cast(Groups, await self.calls.call("GET", "/v1/groups", query=query))

    async def group(self, group_id: str) -> Group:
        return cast(Group, await self.calls.call("GET", _path(group_id)))

    async def members(self, group_id: str, page: int = 1, limit: int = 100) -> Members:
        query = {"page": str(page), "limit": str(limit)}
        return cast(
            Members, await self.calls.call("GET", f"{_path(group_id)}/members", query=query)
        )

    async def edit_group(self, group_id: str, **changes: Any) -> Group:
        """Change `name`, `description`, `avatar` or `settings`."""
        return cast(Group, await self.calls.call("PATCH", _path(group_id), body=changes))

    async def add_members(self, group_id: str, member_ids: Sequence[str]) -> Added:
        body = {"memberIds": list(member_ids)}
        return cast(Added, await self.calls.call("POST", f"{_path(group_id)}/members", body=body))

    async def remove_member(self, group_id: str, user_id: str) -> None:
        await self.calls.call("DELETE", f"{_path(group_id)}/members/{quote(user_id, safe='')}")

    async def leave_group(self, group_id: str) -> None:
        await self.calls.call("POST", f"{_path(group_id)}/leave")

    async def delete_group(self, group_id: str) -> None:
        await self.calls.call("DELETE", _path(group_id))


def _path(group_id: str) -> str:
    return f"/v1/groups/{quote(group_id, safe='')}"

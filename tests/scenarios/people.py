"""People who use the whole system, through the gateway."""

from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp

from tests.fixtures.people import Answer, Person
from tests.fixtures.sse import Follower, Poller, Stream, follow, open_stream
from tests.fixtures.waiting import eventually

Json = dict[str, Any]


class User(Person):
    """Somebody who writes, reads and listens. What fails, fails the test: `get`, `post` and the
    other calls give the answer whatever it is."""

    def __init__(self, http: aiohttp.ClientSession, user_id: str, name: str) -> None:
        super().__init__(http, user_id, name)
        self.http = http
        self.name = name

    def stream(
        self,
        cursor: str | None = None,
        url: str = "",
        deleted: AbstractSet[int] = frozenset(),
        **query: str,
    ) -> AbstractAsyncContextManager[Stream]:
        """A stream, through the gateway or from the replica at `url`; what is in `deleted` may be
        missing from it."""
        path = f"{url}/v1/sse/stream"
        return open_stream(self.http, self.headers, cursor, path, deleted, **query)

    def follow(self) -> AbstractAsyncContextManager[Follower]:
        """A stream that comes back when it ends."""
        return follow(self.http, self.headers)

    def poller(self, cursor: str | None = None, deleted: AbstractSet[int] = frozenset()) -> Poller:
        return Poller(self.http, self.headers, cursor, deleted)

    async def creates_group(self, *others: "User | str", **fields: object) -> Json:
        body = {"name": "Climbing", "memberIds": _ids(others), **fields}
        return _json(await self.post("/v1/groups", body), 201)

    async def opens_dm(self, other: "User") -> Json:
        return _json(await self.post("/v1/groups/dm", {"recipientId": other.id}), 201, 200)

    async def adds(self, group: Json, *others: "User | str") -> None:
        path = f"/v1/groups/{group['id']}/members"
        _json(await self.post(path, {"memberIds": _ids(others)}))

    async def removes(self, group: Json, other: "User") -> None:
        _json(await self.delete(f"/v1/groups/{group['id']}/members/{other.id}"))

    async def leaves(self, group: Json) -> None:
        _json(await self.post(f"/v1/groups/{group['id']}/leave"))

    async def makes(self, other: "User", role: str, group: Json) -> None:
        path = f"/v1/groups/{group['id']}/members/{other.id}/role"
        _json(await self.patch(path, {"role": role}))

    async def sends(self, group: Json, content: str = "Hello", **fields: object) -> Json:
        return _json(await self.tries_to_send(group, content, **fields), 201)

    async def tries_to_send(self, group: Json, content: str = "Hello", **fields: object) -> Answer:
        return await self.post(f"/v1/groups/{group['id']}/messages", {"content": content, **fields})

    async def reads(self, message: Json) -> None:
        _json(await self.post(f"/v1/messages/{message['id']}/read"))

    async def deletes(self, message: Json) -> None:
        _json(await self.delete(f"/v1/messages/{message['id']}"))

    async def history(self, group: Json) -> list[Json]:
        """The newest hundred messages, oldest first."""
        answer = await self.get(f"/v1/groups/{group['id']}/messages?limit=100")
        messages: list[Json] = _json(answer)["messages"]
        return messages

    async def status_of(self, message: Json) -> Json:
        return _json(await self.get(f"/v1/messages/{message['id']}/status"))

    async def conversations(self) -> list[Json]:
        found: list[Json] = _json(await self.get("/v1/conversations?limit=100"))["conversations"]
        return found

    async def inbox(self, query: str = "") -> list[Json]:
        """The newest hundred notifications, newest first."""
        answer = await self.get(f"/v1/notifications?limit=100{query}")
        notifications: list[Json] = _json(answer)["notifications"]
        return notifications

    async def whole_inbox(self) -> list[Json]:
        """Every notification, oldest first."""
        found: dict[int, Json] = {}
        page, pages = 1, 1
        while page <= pages:
            answer = _json(await self.get(f"/v1/notifications?limit=100&page={page}"))
            # What comes meanwhile moves the rest: the next page begins with what was seen before.
            found |= {int(each["id"]): each for each in answer["notifications"]}
            page, pages = page + 1, answer["pagination"]["pages"]
        return [found[position] for position in sorted(found)]

    async def types_told(self) -> list[str]:
        """The types of all notifications, oldest first."""
        return [notification["type"] for notification in await self.whole_inbox()]

    async def unread(self) -> int:
        return int(_json(await self.get("/v1/notifications/unread-count"))["count"])

    async def is_online(self, other: "User") -> bool:
        answer = _json(await self.get(f"/v1/presence?userIds={other.id}"))
        return bool(answer["users"][0]["online"])

    async def loses_sight_of(self, group: Json) -> None:
        """Return once chat refuses this person; a moment after they were removed."""

        async def refused() -> bool:
            return (await self.get(f"/v1/groups/{group['id']}/messages")).status == 404

        await eventually(refused, seconds=5)


def _ids(people: "tuple[User | str, ...]") -> list[str]:
    return [person if isinstance(person, str) else person.id for person in people]


def _json(answer: Answer, *expected: int) -> Json:
    assert answer.status in (expected or (200,)), (answer.status, answer.body)
    body: Json = answer.body
    return body

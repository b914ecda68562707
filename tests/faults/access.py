"""Who may no longer: members removed and tokens expired while streams live; and clocks apart."""

import asyncio
import time
from http import HTTPStatus
from uuid import UUID

from tests.faults.readers import StreamReader
from tests.faults.scene import Bite, Scene
from tests.faults.traffic import make_group
from tests.fixtures.people import Person
from tests.fixtures.tokens import bearer

SKEW_SECONDS = 300
TOKEN_SECONDS = 3
NOTICES_SECONDS = 5.0


class ExpiringReader(StreamReader):
    """Holds a token that ends soon, and gets a new one once the stream says so."""

    def __init__(self, scene: Scene, user_id: str) -> None:
        super().__init__(scene.traffic.http, user_id, scene.timeline)
        self.expired = 0
        self.headers = bearer(user_id, exp=int(time.time()) + TOKEN_SECONDS)

    def _handle(self, name: str, data: object, event_id: str) -> None:
        if name == "token_expired":
            self.expired += 1
            self.headers = bearer(self.seen.user_id)
        else:
            super()._handle(name, data, event_id)


async def lose_access(scene: Scene) -> Bite:
    """Somebody is removed from a busy group, and tokens of others end while they read."""
    traffic = scene.traffic
    group = await make_group(traffic.http, 6, fixed=False)
    traffic.groups.append(group)
    admin, *_, gone = (Person(traffic.http, user_id) for user_id in group.member_ids)
    expiring = [ExpiringReader(scene, user_id) for user_id in group.member_ids[1:4]]
    removed = StreamReader(traffic.http, gone.id, scene.timeline)
    await traffic.add(*expiring, removed)
    path = f"/v1/groups/{group.id}/messages"
    scene.timeline.strike()
    await admin.post(path, {"content": "before"})
    answer = await admin.delete(f"/v1/groups/{group.id}/members/{gone.id}")
    async with asyncio.timeout(NOTICES_SECONDS):
        while (await gone.get(path)).status != HTTPStatus.NOT_FOUND:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    last = (await admin.get(f"{path}?limit=1")).body["messages"][-1]["seq"]
    refused = await gone.post(path, {"content": "after"})
    if refused.status != HTTPStatus.NOT_FOUND:
        scene.broken.append(f"somebody who was removed could write: {refused.status}")
    for _ in range(5):
        await admin.post(path, {"content": "after"})
        await scene.goes_on(TOKEN_SECONDS / 5)
    await scene.goes_on(1.5)
    await _told_nothing(scene, gone.id, UUID(group.id), last)
    return {
        "removed": int(answer.status == HTTPStatus.OK),
        "streams that told of their token's end": sum(reader.expired for reader in expiring),
    }


async def _told_nothing(scene: Scene, user_id: str, group_id: UUID, after: int) -> None:
    async with scene.stack.servers.connected("notifier") as connection:
        count = await connection.fetchval(
            "SELECT count(*) FROM entries e JOIN events v ON v.key = e.event_key"
            " JOIN mailboxes m ON m.id = e.mailbox_id"
            " WHERE m.user_id = $1 AND v.group_id = $2 AND v.message_seq > $3",
            user_id,
            group_id,
            after,
        )
    if count:
        scene.broken.append(f"{count} messages told to somebody who was removed before")


async def skew_clocks(scene: Scene) -> Bite:
    """The issuer's clock is five minutes ahead, or behind: tokens work for as long as they say."""
    group = scene.traffic.groups[0]
    now, works = int(time.time()), 0
    scene.timeline.strike()
    for skew in (SKEW_SECONDS, -SKEW_SECONDS):
        headers = bearer(group.member_ids[0], iat=now + skew, exp=now + skew + 2 * SKEW_SECONDS)
        async with scene.traffic.http.get("/v1/conversations", headers=headers) as answer:
            works += answer.status == HTTPStatus.OK
        if answer.status != HTTPStatus.OK:
            scene.broken.append(f"a token of a clock {skew} s off was refused: {answer.status}")
        reader = StreamReader(scene.traffic.http, group.member_ids[1], scene.timeline)
        reader.headers = bearer(group.member_ids[1], iat=now + skew, exp=now + skew + 600)
        reader.seen.shares_mailbox = True
        await scene.traffic.add(reader)
    stale = bearer(group.member_ids[0], iat=now - 2 * SKEW_SECONDS, exp=now - 1)
    async with scene.traffic.http.get("/v1/conversations", headers=stale) as answer:
        refused = answer.status == HTTPStatus.UNAUTHORIZED
    return {"tokens that worked": works, "stale tokens refused": int(refused)}

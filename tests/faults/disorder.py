"""Events that come to chat for the first time, and the newest of them first."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from launcher.errors import LaunchError
from launcher.waiting import until
from tests.faults.scene import Bite, Scene
from tests.faults.servers import Servers
from tests.faults.traffic import Group, make_group
from tests.faults.turning import turn_round
from tests.fixtures.people import Answer

PUBLISHED_SECONDS = 15.0
HANDLED_SECONDS = 15.0
GUESTS = 4
FEWEST = 3

_CHANGES = """
SELECT event_id, published_at FROM outbox WHERE subject = ANY($1::uuid[]) AND id > $2 ORDER BY id
"""
_HANDLED = "SELECT event_id FROM handled_events WHERE event_id = ANY($1::uuid[])"
# A notice is dated by the change that it tells of, and stands where chat came to handle it.
_NOTICES = """
SELECT group_id, created_at FROM messages
WHERE group_id = ANY($1::uuid[]) AND type = 'system' ORDER BY group_id, seq
"""


async def reverse(scene: Scene) -> Bite:
    """While no chat runs, memberships change; what waits in chat's queue is turned round, and chat
    hears of each change before it hears of those that led to it.

    A chat that is merely stopped (SIGSTOP) would not do: the broker has handed it up to a thousand
    events beforehand, and a queue with a single active consumer gives nobody else any.
    """
    stack, servers = scene.stack, scene.stack.servers
    known = await _a_group(scene)
    await _chat_knows(servers, known)
    async with servers.connected("groups") as connection:
        newest = await connection.fetchval("SELECT max(id) FROM outbox")
    scene.timeline.strike()
    await stack.kill(*stack.of("chat"))
    try:
        unheard = await _a_group(scene)
        ids = [UUID(group.id) for group in (known, unheard)]
        for group in (known, unheard):
            await _change(scene, group)
        fresh = await _published(servers, ids, newest)
        early = await _handled(servers, fresh)
        reversed_ = await turn_round(servers, fresh)
    finally:
        await stack.start(*stack.of("chat"))
    scene.timeline.lift()
    if early:
        scene.broken.append(f"{len(early)} events were handled before they were turned round")
    async with asyncio.timeout(HANDLED_SECONDS):
        await until(lambda: _all_handled(servers, fresh), pause=0.1)
    late = await _applied_late(servers, ids)
    if late < FEWEST:
        raise LaunchError(f"chat handled {late} changes after a newer one, fewer than {FEWEST}")
    return {"events turned round": reversed_ - len(early), "applied after a newer one": late}


async def _a_group(scene: Scene) -> Group:
    """Nobody writes in it; its guests are not in it yet."""
    group = await make_group(scene.traffic.http, 4, fixed=False, name="Disorder")
    guests = [f"{group.id[-12:]}-guest-{n}" for n in range(GUESTS)]
    group = replace(group, member_ids=(*group.member_ids, *guests))
    scene.traffic.groups.append(group)
    return group


async def _chat_knows(servers: Servers, group: Group) -> None:
    async def it_does() -> bool:
        async with servers.connected("chat") as connection:
            found = await connection.fetchval(
                "SELECT members_version FROM groups WHERE id = $1", UUID(group.id)
            )
        return bool(found)

    async with asyncio.timeout(HANDLED_SECONDS):
        await until(it_does, pause=0.05)


async def _change(scene: Scene, group: Group) -> None:
    """People come, go, come again and rise, so that each order but the true one would end with
    others in the group, or in other roles."""
    admin, *_ = group.member_ids
    who = scene.traffic.person(admin)
    members, (stays, returns, rises, goes) = group.member_ids[1:4], group.member_ids[4:]
    path = f"/v1/groups/{group.id}"
    _made(await who.post(f"{path}/members", {"memberIds": [stays, returns, rises, goes]}))
    _made(await who.delete(f"{path}/members/{returns}"))
    _made(await who.patch(f"{path}/members/{rises}/role", {"role": "admin"}))
    _made(await who.post(f"{path}/members", {"memberIds": [returns]}))
    _made(await who.patch(f"{path}/members/{members[0]}/role", {"role": "admin"}))
    _made(await who.delete(f"{path}/members/{goes}"))
    _made(await who.patch(f"{path}/members/{members[0]}/role", {"role": "member"}))
    _made(await who.patch(path, {"name": "Order"}))
    _made(await scene.traffic.person(members[1]).post(f"{path}/leave"))


def _made(answer: Answer) -> None:
    if answer.status != HTTPStatus.OK:
        raise LaunchError(f"a change was refused: {answer.status} {answer.body}")


async def _published(servers: Servers, ids: Sequence[UUID], after: int) -> list[UUID]:
    """The events about these groups since, once the broker has them all."""
    found: list[Any] = []

    async def all_are() -> bool:
        async with servers.connected("groups") as connection:
            found[:] = await connection.fetch(_CHANGES, ids, after)
        return all(row["published_at"] for row in found)

    async with asyncio.timeout(PUBLISHED_SECONDS):
        await until(all_are, pause=0.05)
    return [row["event_id"] for row in found]


async def _handled(servers: Servers, events: Sequence[UUID]) -> set[UUID]:
    async with servers.connected("chat") as connection:
        return {row["event_id"] for row in await connection.fetch(_HANDLED, events)}


async def _all_handled(servers: Servers, events: Sequence[UUID]) -> bool:
    return len(await _handled(servers, events)) == len(events)


async def _applied_late(servers: Servers, ids: Sequence[UUID]) -> int:
    """How many notices chat wrote after one of a later change: that is the order in which it
    handled them."""
    newest: dict[UUID, datetime] = {}
    late = 0
    async with servers.connected("chat") as connection:
        for row in await connection.fetch(_NOTICES, ids):
            before = newest.setdefault(row["group_id"], row["created_at"])
            late += row["created_at"] < before
            newest[row["group_id"]] = max(before, row["created_at"])
    return late

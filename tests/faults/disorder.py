"""Events that come to chat for the first time, and the newest of them first."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from launcher.errors import LaunchError
from launcher.waiting import until
from shared.rabbitmq.topology import SERVICE_QUEUES
from tests.faults.scene import Bite, Scene
from tests.faults.servers import Servers
from tests.faults.traffic import Group, make_group
from tests.fixtures.people import Answer

PUBLISHED_SECONDS = 15.0
HANDLED_SECONDS = 15.0
GUESTS = 4
FEWEST = 3
_QUEUE = SERVICE_QUEUES["chat"].name

_CHANGES = """
SELECT event_id, published_at FROM outbox WHERE subject = ANY($1::uuid[]) AND id > $2 ORDER BY id
"""
_HANDLED = "SELECT event_id FROM handled_events WHERE event_id = ANY($1::uuid[])"
# A notice is dated by the change that it tells of, and stands where chat came to handle it.
_NOTICES = """
SELECT group_id, created_at FROM messages
WHERE group_id = ANY($1::uuid[]) AND type = 'system' ORDER BY group_id, seq
"""
_GROUPS = """
SELECT id, version, name, is_deleted, created_by FROM groups WHERE id = ANY($1::uuid[])
"""
_MEMBERS = "SELECT group_id, user_id, role FROM members WHERE group_id = ANY($1::uuid[])"
_COPIED_MEMBERS = """
SELECT group_id, user_id, role FROM memberships
WHERE group_id = ANY($1::uuid[]) AND left_seq IS NULL
"""
_COUNTS = "SELECT id, member_count FROM groups WHERE id = ANY($1::uuid[])"


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
        reversed_ = await _turn_round(servers, fresh)
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


async def memberships_agree(scene: Scene) -> None:
    """What chat holds of each of the scene's groups is what groups holds: the state, who is in
    it, and as what. Only the settled system need agree."""
    ids = [UUID(group.id) for group in scene.traffic.groups]
    servers = scene.stack.servers
    ours = await _states(servers, "groups", ids, _MEMBERS)
    copies = await _states(servers, "chat", ids, _COPIED_MEMBERS)
    scene.broken += [
        f"chat's copy of group {id_} is {copies.get(id_)}, and groups has {state}"
        for id_, state in ours.items()
        if copies.get(id_) != state
    ]
    async with servers.connected("chat") as connection:
        counts = await connection.fetch(_COUNTS, ids)
    scene.broken += [
        f"chat counts {row['member_count']} members of group {row['id']}"
        for row in counts
        if row["id"] in copies and row["member_count"] != len(copies[row["id"]].members)
    ]


@dataclass(frozen=True)
class _State:
    version: int
    name: str | None
    is_deleted: bool
    created_by: str
    members: frozenset[tuple[str, str]]


async def _states(
    servers: Servers, service: str, ids: Sequence[UUID], members: str
) -> dict[UUID, _State]:
    async with servers.connected(service) as connection:
        groups = await connection.fetch(_GROUPS, ids)
        rows = await connection.fetch(members, ids)
    within: dict[UUID, set[tuple[str, str]]] = {row["id"]: set() for row in groups}
    for row in rows:
        within[row["group_id"]].add((row["user_id"], row["role"]))
    return {
        row["id"]: _State(
            row["version"],
            row["name"],
            row["is_deleted"],
            row["created_by"],
            # Nobody is in a deleted group, whatever rows are left of it.
            frozenset() if row["is_deleted"] else frozenset(within[row["id"]]),
        )
        for row in groups
    }


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


async def _turn_round(servers: Servers, events: Sequence[UUID]) -> int:
    """Put everything that waits in chat's queue back in the opposite order; how many of `events`
    were among it. They are acknowledged last: nothing is lost, whatever fails in between."""
    wanted = {str(event) for event in events}
    async with await aio_pika.connect(servers.admin_amqp_url, timeout=10) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        taken = await _taken(channel, wanted)
        for message in reversed(taken):
            again = aio_pika.Message(
                message.body,
                headers=message.headers,
                content_type=message.content_type,
                message_id=message.message_id,
                type=message.type,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await channel.default_exchange.publish(again, _QUEUE)
        # All by one: of many, a queue may not have taken the last when the channel closes, and
        # those would come again before all others, in their true order.
        if taken:
            await taken[-1].ack(multiple=True)
    return sum(_id(message) in wanted for message in taken)


async def _taken(channel: AbstractChannel, wanted: set[str]) -> list[AbstractIncomingMessage]:
    """All that waits. A queue with a single active consumer refuses `basic.get`."""
    queue = await channel.get_queue(_QUEUE, ensure=False)
    await channel.set_qos(prefetch_count=0)
    taken: list[AbstractIncomingMessage] = []

    async def take(message: AbstractIncomingMessage) -> None:
        taken.append(message)

    async def has_all() -> bool:
        return wanted <= {_id(message) for message in taken}

    tag = await queue.consume(take)
    try:
        async with asyncio.timeout(PUBLISHED_SECONDS):
            await until(has_all, pause=0.05)
    finally:
        await queue.cancel(tag)
    return taken


def _id(message: AbstractIncomingMessage) -> str:
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(message.body)["id"])
    return ""


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

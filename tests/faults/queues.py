"""Queues that somebody deleted: noticed, made again by the job, filled again from the log."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import aio_pika
import aiohttp

from launcher.errors import LaunchError
from launcher.waiting import until
from shared.rabbitmq.topology import SERVICE_QUEUES, declare_topology
from tests.faults.readers import StreamReader
from tests.faults.scene import Bite, Scene
from tests.faults.traffic import make_group

# The consumer asks for its queue every five seconds, and is told at once when it goes.
NOTICE_SECONDS = 10.0
AWAY_SECONDS = 5.0
READY_SECONDS = 15.0
REPLAY_SECONDS = 60.0


async def delete_chats(scene: Scene) -> Bite:
    """Delete chat's queue; run the topology's job; replay the log into chat."""
    # Events are dated before they are published.
    since = datetime.now(UTC) - timedelta(minutes=1)
    scene.timeline.strike()
    url = scene.stack.servers.admin_amqp_url
    async with await aio_pika.connect(url, timeout=10) as connection:
        channel = await connection.channel()
        await channel.queue_delete(SERVICE_QUEUES["chat"].name)
    async with asyncio.timeout(NOTICE_SECONDS):
        refusals = await _readiness_is(scene, HTTPStatus.SERVICE_UNAVAILABLE)
    await _deliver_once(scene)
    await scene.goes_on(AWAY_SECONDS)
    await declare_topology(url)
    async with asyncio.timeout(READY_SECONDS):
        await _readiness_is(scene, HTTPStatus.OK)
    replayed = await _replay(scene, since)
    scene.timeline.lift()
    return {"replicas that said so": refusals, "events recovered from the log": replayed}


async def _deliver_once(scene: Scene) -> None:
    """A message to somebody who gets no other: no later fact makes up for the loss of this one."""
    group = await make_group(scene.traffic.http, 2)
    sender, reader = group.member_ids
    scene.traffic.groups.append(group)
    await scene.traffic.add(StreamReader(scene.traffic.http, reader, scene.timeline))
    answer = await scene.traffic.person(sender).post(
        f"/v1/groups/{group.id}/messages", {"content": "Once"}
    )
    assert answer.status == HTTPStatus.CREATED, answer.body


async def _readiness_is(scene: Scene, status: HTTPStatus) -> int:
    """Return once every replica of chat answers so; how many they are."""
    names = scene.stack.of("chat")
    async with aiohttp.ClientSession() as http:

        async def answers_so(name: str) -> bool:
            async with http.get(scene.stack.own_url(name) + "/readyz") as answer:
                return answer.status == status

        async def all_answer_so() -> bool:
            return all([await answers_so(name) for name in names])

        await until(all_answer_so, pause=0.1)
    return len(names)


async def _replay(scene: Scene, since: datetime) -> int:
    """As the runbook says; how many events were new to chat. Raises LaunchError."""
    async with asyncio.timeout(REPLAY_SECONDS):
        said = await scene.stack.operate("chat", "replay", "--from", since.isoformat())
    # Not its exit code: poison of another scenario may lie in the log, and fails each time.
    found = re.search(r"(\d+) handled now", said)
    if found is None:
        raise LaunchError(f"the replay failed: {said[-300:]}")
    return int(found[1])

"""A broker that lost something, or has it otherwise: the check says what, and changes nothing."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import aio_pika
import aiohttp
import pytest
from aio_pika.abc import AbstractChannel
from yarl import URL

from launcher import topology as job
from launcher.paths import ROOT
from launcher.progress import Progress
from launcher.running import RunningStack
from shared.rabbitmq.differences import differences
from shared.rabbitmq.provision import management_api
from shared.rabbitmq.topology import (
    BINDINGS,
    EVENTS_EXCHANGE,
    LIVE_EXCHANGE,
    PARKED_POLICY_NAME,
    QUEUES,
    declare_topology,
)
from tests.access.broker import publish
from tests.fixtures.rabbitmq import SERVICES, Broker, made_broker
from tests.fixtures.servers import RUN, server_url

MANAGEMENT = "TEST_MANAGEMENT_URL"


@pytest.fixture
async def spoilt() -> AsyncIterator[Broker]:
    """A virtual host that may be left in disorder."""
    async with made_broker(f"{RUN}_spoilt") as broker:
        yield broker


@pytest.fixture
async def channel(spoilt: Broker) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(spoilt.admin_url) as connection:
        yield await connection.channel()


async def found(broker: Broker) -> list[str]:
    return await differences(server_url(MANAGEMENT), broker.admin_url)


async def test_a_broker_that_was_just_prepared_is_as_declared(broker: Broker) -> None:
    assert await found(broker) == []


async def test_each_binding_that_is_lost_is_named_and_comes_back(
    spoilt: Broker, channel: AbstractChannel
) -> None:
    for exchange, queue, key in BINDINGS:
        await (await channel.get_queue(queue)).unbind(exchange, key)
        assert await found(spoilt) == [
            f"binding of queue {queue} to {exchange} by {key!r} is missing: such events don't come"
        ]
        await declare_topology(spoilt.admin_url)
        assert await found(spoilt) == []


async def test_everything_that_is_missing_or_otherwise_is_named_at_once(
    spoilt: Broker, channel: AbstractChannel
) -> None:
    await channel.exchange_delete(LIVE_EXCHANGE)
    await channel.queue_delete("notifier.events.parked")
    await channel.queue_delete("chat.events")
    arguments = {**QUEUES["chat.events"], "x-delivery-limit": 5, "x-max-length": 10}
    del arguments["x-single-active-consumer"]
    chats = await channel.declare_queue("chat.events", durable=True, arguments=arguments)
    await chats.bind(EVENTS_EXCHANGE, "#")
    await _delete_policy(spoilt)
    assert await found(spoilt) == [
        "exchange circles.live is missing",
        "queue notifier.events.parked is missing",
        "queue chat.events: x-single-active-consumer is not there, declared True",
        "queue chat.events: x-delivery-limit is 5, declared 20",
        "queue chat.events: x-max-length is 10, undeclared",
        *(
            f"binding of queue {queue} to {exchange} by {key!r} is missing: such events don't come"
            for exchange, queue, key in (
                ("chat.own", "chat.events", "chat.events"),
                (EVENTS_EXCHANGE, "chat.events", "groups.#"),
                (EVENTS_EXCHANGE, "chat.events", "notifier.#"),
                ("notifier.own", "notifier.events.parked", "notifier.events.parked"),
            )
        ),
        "binding of queue chat.events to circles.events by '#' is undeclared",
        "policy circles-parked is missing",
    ]


async def test_queues_of_others_are_nobody_s_business(
    spoilt: Broker, channel: AbstractChannel
) -> None:
    theirs = await channel.declare_queue("billing.events", durable=True)
    await theirs.bind(EVENTS_EXCHANGE, "groups.#")
    assert await found(spoilt) == []


async def _delete_policy(broker: Broker) -> None:
    management = URL(server_url(MANAGEMENT))
    authorization = aiohttp.encode_basic_auth(management.user or "", management.password or "")
    path = f"/api/policies/{broker.run}/{PARKED_POLICY_NAME}"
    async with (
        aiohttp.ClientSession(headers={"Authorization": authorization}) as http,
        http.delete(management.with_user(None).with_path(path)) as answer,
    ):
        answer.raise_for_status()


async def test_the_job_names_what_it_found_and_tells_it_from_not_having_looked(
    spoilt: Broker,
    channel: AbstractChannel,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("MANAGEMENT_URL", server_url(MANAGEMENT))
    monkeypatch.setenv("ADMIN_AMQP_URL", spoilt.admin_url)
    await (await channel.get_queue("notifier.events")).unbind(EVENTS_EXCHANGE, "chat.#")
    assert await job.check(Progress()) == job.DIFFERS
    said = capsys.readouterr().out
    assert "binding of queue notifier.events to circles.events by 'chat.#' is missing" in said
    assert await job.declare(Progress()) == job.AS_DECLARED
    assert await job.check(Progress()) == job.AS_DECLARED
    stranger = URL(server_url(MANAGEMENT)).with_password("wrong-one")
    monkeypatch.setenv("MANAGEMENT_URL", str(stranger))
    capsys.readouterr()
    assert await job.check(Progress()) == job.UNKNOWN
    said = capsys.readouterr().out
    assert "it answered 401" in said
    assert "wrong-one" not in said


async def test_cron_learns_it_from_the_exit_code(spoilt: Broker, channel: AbstractChannel) -> None:
    await (await channel.get_queue("notifier.events")).unbind(EVENTS_EXCHANGE, "chat.#")
    urls = {"MANAGEMENT_URL": server_url(MANAGEMENT), "ADMIN_AMQP_URL": spoilt.admin_url}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "launcher", "topology", "--check"),
        cwd=ROOT,
        env={**os.environ, **urls},
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == job.DIFFERS


async def _made_by_the_version_before(broker: Broker, channel: AbstractChannel) -> None:
    """Without what chat parks through now, and without the right to it."""
    await channel.exchange_delete("chat.own")
    rights = {"configure": "^$", "write": r"^(circles\.events|amq\.default)$", "read": ".*"}
    async with management_api(server_url(MANAGEMENT)) as (http, api):
        user = URL(broker.url_of("chat")).user
        async with http.put(f"{api}/permissions/{broker.run}/{user}", json=rights):
            pass


async def test_after_migrating_a_running_stack_its_new_services_can_park(
    spoilt: Broker, channel: AbstractChannel, tmp_path: Path
) -> None:
    await _made_by_the_version_before(spoilt, channel)
    stack = RunningStack(
        port=0,
        owner_urls={},
        admin_database_url="",
        environments={service: {"AMQP_URL": spoilt.url_of(service)} for service in SERVICES},
        ready_urls={},
        management_url=server_url(MANAGEMENT),
    )
    (tmp_path / "running.json").write_text(json.dumps(asdict(stack)))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "launcher", "migrate"),
        cwd=ROOT,
        env={**os.environ, "CIRCLES_STATE": str(tmp_path)},
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0
    assert await found(spoilt) == []
    async with await aio_pika.connect(spoilt.url_of("chat")) as connection:
        await publish("chat.events.parked", "chat.own")(await connection.channel())

"""Somebody asks to be forgotten: an operator has them erased, waits for the report, and nothing of
them is left; nor does a replay of everything bring it back."""

import asyncio
import json
import os
import stat
import sys
from pathlib import Path

import pytest
from aiohttp import ClientSession

from launcher import people
from launcher.progress import Progress
from launcher.running import RunningStack
from tests.fixtures.erasing import ask_to_erase, data_of, report, traces
from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.scenarios.conftest import Newcomer
from tests.scenarios.people import User

SERVICES = ("groups", "chat", "notifier")


async def erased(http: ClientSession, stack: Stack, user: User) -> dict[str, object]:
    """Erase somebody as `circles erase` does; the complete report."""
    number = await ask_to_erase(http, user.id, stack.url_of("groups-1"))

    async def complete() -> bool:
        return bool((await report(http, number, stack.url_of("chat-1")))["isComplete"])

    await eventually(complete, 20.0)
    return await report(http, number, stack.url_of("chat-1"))


async def replayed(stack: Stack, service: str) -> None:
    """Everything in the log, to the service again."""
    environment = stack.services[f"{service}-1"].process.environment
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"services.{service}", "replay", "--from", "first"),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def left(stack: Stack, *words: str) -> list[str]:
    """Where the tables of any service still speak of somebody."""
    return [
        f"{service}: {trace}"
        for service in SERVICES
        for trace in await traces(stack.tables[service], *words)
    ]


async def test_nothing_of_them_is_left_nor_comes_back(
    stack: Stack, http: ClientSession, alice: User, bob: User, newcomer: Newcomer
) -> None:
    # Nobody else in the stack is called so.
    mallory = newcomer("Zebedee")
    secret = f"the secret of {mallory.id}"
    group = await mallory.creates_group(alice, bob)
    dm = await mallory.opens_dm(alice)
    async with mallory.stream() as hers:
        sent = await mallory.sends(group, secret, clientMessageId="hers")
        await mallory.sends(dm, secret)
        await bob.reads(sent)
        await mallory.reads(await alice.sends(group, "from alice"))
        await stack.settled()
        for service in SERVICES:
            held = await data_of(http, mallory.id, stack.url_of(f"{service}-1"))
            assert held["userId"] == mallory.id
            assert mallory.id in str(held)
        said = await erased(http, stack, mallory)
        await hers.ended()
    assert isinstance(said["services"], dict)
    assert said["services"]["chat"]["erased"]["messages"] == 2
    assert said["services"]["notifier"]["erased"]["entries"] > 0

    async def is_gone() -> None:
        words = (mallory.id, "Zebedee", secret)
        assert await left(stack, *words) == []
        for person in (alice, bob):
            answers = [
                await person.conversations(),
                await person.whole_inbox(),
                await person.history(group),
                (await person.get(f"/v1/groups/{group['id']}/members")).body,
                (await person.get("/v1/groups")).body,
                (await person.get("/v1/sse/poll?after=0&timeout=0")).body,
            ]
            for answer in answers:
                assert not any(word in str(answer) for word in words), answer
        left_of_dm = str(await alice.history(dm))
        assert not any(word in left_of_dm for word in words)

    async def swept() -> bool:
        # The last facts that name them go with the next sweep.
        return await left(stack, mallory.id) == []

    await eventually(swept)
    await is_gone()
    assert (await alice.get(f"/v1/groups/{group['id']}")).body["createdBy"] == alice.id
    for service in ("chat", "notifier"):
        await replayed(stack, service)
    await is_gone()
    # A notifier that has forgotten what it stored: the log tells it everything anew.
    await stack.tables["notifier"].execute(
        "DELETE FROM events WHERE group_id = ANY($1::text[]::uuid[])", [group["id"], dm["id"]]
    )
    await stack.tables["notifier"].execute(
        "DELETE FROM entries WHERE event_key NOT IN (SELECT key FROM events)"
    )
    await replayed(stack, "notifier")
    await is_gone()
    # Those who remain go on as before.
    await alice.sends(group, "Shall we go on?")
    assert (await bob.history(group))[-1]["content"] == "Shall we go on?"


async def test_an_operator_does_it_with_two_commands(
    stack: Stack,
    newcomer: Newcomer,
    alice: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = {service: stack.services[f"{service}-1"] for service in SERVICES}
    running = RunningStack(
        port=0,
        owner_urls={},
        admin_database_url="",
        environments={name: service.process.environment for name, service in first.items()},
        ready_urls={name: [service.ready_url] for name, service in first.items()},
        management_url=None,
    )
    monkeypatch.setattr(people, "running_stack", lambda: running)
    yorick = newcomer("Yorick")
    await yorick.sends(await yorick.creates_group(alice), "Alas")
    await stack.settled()
    file = tmp_path / "yorick.json"
    assert await people.export(yorick.id, file) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    held = json.loads(file.read_text())
    assert [message["content"] for message in held["chat"]["messages"]] == ["Alas"]
    assert held["groups"]["memberships"][0]["isCreator"] is True
    assert "lastSeen" in held["notifier"]
    assert await people.erase(yorick.id, 20.0, Progress(quiet=True)) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["isComplete"] is True
    assert await people.report_of(printed["erasureId"]) == 0
    assert await people.export(yorick.id, None) == 0
    assert "Alas" not in capsys.readouterr().out

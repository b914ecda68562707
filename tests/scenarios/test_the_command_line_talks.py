"""Two people who have nothing but a terminal."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fixtures.stack import Stack
from tests.fixtures.tokens import AUDIENCE, ISSUER, SECRET, token
from tests.scenarios.people import User

PATIENCE = 30.0


async def started(stack: Stack, *arguments: str) -> Process:
    """A command of `circles`, with the secret of this stack as the local one."""
    local = {"TOKEN_SECRET": SECRET, "TOKEN_ISSUER": ISSUER, "TOKEN_AUDIENCE": AUDIENCE}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "command_line", *arguments, "--url", stack.url),
        env={**os.environ, **local, "CIRCLES_TOKEN": "", "PYTHONUNBUFFERED": "1"},
        stdout=PIPE,
        stderr=PIPE,
    )


async def circles(stack: Stack, *arguments: str) -> str:
    process = await started(stack, *arguments)
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert process.returncode == 0, (out, err)
    return out.decode()


class Screen:
    """What a running command has printed."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def shows(self, text: str) -> str:
        """The next line with this text."""
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE):
                while line := (await self.process.stdout.readline()).decode():
                    self.lines.append(line)
                    if text in line:
                        return line
        except TimeoutError:
            pass
        raise AssertionError(f"{text!r} is not shown: {self.lines}")


@asynccontextmanager
async def tailing(stack: Stack, *arguments: str) -> AsyncIterator[Screen]:
    process = await started(stack, "tail", *arguments)
    try:
        screen = Screen(process)
        await screen.shows("live")
        yield screen
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            await process.wait()


async def test_what_one_sends_the_other_sees_and_the_ticks_come_back(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, name="Lunch")
    async with (
        tailing(stack, "--as", bob.id) as his,
        tailing(stack, "--token", token(alice.id, "Alice")) as hers,
    ):
        await circles(stack, "send", "--as", alice.id, "Lunch", "Soup at noon?")
        assert "Lunch  Soup at noon?" in await his.shows("Soup")
        assert bob.id in await hers.shows("✓✓ delivered")
        newest = (await bob.history(group))[-1]
        await bob.reads(newest)
        await hers.shows("✓✓ read by")
    assert [his.process.returncode, hers.process.returncode] == [0, 0]
    for process in (his.process, hers.process):
        assert process.stderr is not None
        assert await process.stderr.read() == b""


async def test_the_next_tail_goes_on_where_this_one_ended(
    alice: User, bob: User, stack: Stack, tmp_path: object
) -> None:
    group = await alice.creates_group(bob)
    place = ("--as", bob.id, "--cursor", f"{tmp_path}/place")
    async with tailing(stack, *place) as first:
        await alice.sends(group, "One")
        await first.shows("One")
        await alice.sends(group, "Two")
        await first.shows("Two")
    await alice.sends(group, "Three")
    async with tailing(stack, *place) as second:
        await second.shows("Three")
        assert not [line for line in second.lines if "One" in line or "invite" in line]


async def test_groups_and_the_inbox_are_listed(alice: User, bob: User, stack: Stack) -> None:
    group = await alice.creates_group(bob, name="Lunch")
    await alice.sends(group, "Soup?")
    await stack.settled()
    assert group["id"] in await circles(stack, "groups", "--as", bob.id)
    listed = await circles(stack, "inbox", "--as", bob.id, "--unread")
    assert "Soup?" in listed and "2 unread" in listed
    assert "2 marked" in await circles(stack, "inbox", "--as", bob.id, "--read-all")
    assert "nothing unread" in await circles(stack, "inbox", "--as", bob.id, "--unread")


async def test_what_is_marked_as_read_can_be_listed_first(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob, name="Lunch")
    await alice.sends(group, "Soup?")
    await stack.settled()
    said = await circles(stack, "inbox", "--as", bob.id, "--unread", "--read-all")
    assert "Soup?" in said and "2 unread" in said
    assert said.splitlines()[-1] == "✓ 2 marked as read"
    assert await bob.unread() == 0


@pytest.mark.parametrize("name", ["Nobody's", "Twice"])
async def test_a_name_that_does_not_tell_which_group_is_refused(
    alice: User, stack: Stack, name: str
) -> None:
    for _ in range(2):
        await alice.creates_group(name="Twice")
    process = await started(stack, "send", "--as", alice.id, name, "Hello")
    _, err = await process.communicate()
    assert process.returncode == 1
    assert b"circles groups" in err

"""The example of `clients/python/README.md`, run as somebody would who copies it."""

import asyncio
import os
import re
import sys
from pathlib import Path

from tests.fixtures.stack import Stack
from tests.fixtures.tokens import token
from tests.scenarios.people import User

_README = Path(__file__).parents[2] / "clients" / "python" / "README.md"
_LONGEST = 20


def _example() -> str:
    return str(re.findall(r"```python\n(.*?)```", _README.read_text(), re.DOTALL)[0])


def test_the_example_is_short_enough_to_read() -> None:
    assert len(_example().splitlines()) <= _LONGEST


async def test_the_example_shows_both_receipts(alice: User, bob: User, stack: Stack) -> None:
    code = _example().replace('"bob"', f'"{bob.id}"')
    async with bob.stream() as stream:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", code),
            env={
                "PATH": os.environ["PATH"],
                "CIRCLES_URL": stack.url,
                "CIRCLES_TOKEN": token(alice.id, "Alice"),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told = await stream.told("message.new", timeout=30.0)
        await bob.reads({"id": told["data"]["messageId"]})
        async with asyncio.timeout(30):
            said, _ = await process.communicate()
    text = said.decode()
    assert process.returncode == 0, text
    assert f"message.delivered ['{bob.id}']" in text
    assert text.splitlines()[-1] == f"message.read {bob.name}"

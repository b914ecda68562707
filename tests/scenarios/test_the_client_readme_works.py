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
                "PYTHONUNBUFFERED": "1",
                "CIRCLES_URL": stack.url,
                "CIRCLES_TOKEN": token(alice.id, "Alice"),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdout is not None
        told = await stream.told("message.new", timeout=30.0)
        async with asyncio.timeout(30):
            first = (await process.stdout.readline()).decode()
            assert first == f"message.delivered ['{bob.id}']\n"
            await bob.reads({"id": told["data"]["messageId"]})
            rest, _ = await process.communicate()
    assert rest.decode() == f"message.read {bob.name}\n"
    assert process.returncode == 0

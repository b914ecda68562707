"""The README's walk, run as somebody would who pastes it."""

import asyncio
import os
import re
from pathlib import Path

from tests.fixtures.stack import Stack
from tests.scenarios.people import User

_README = Path(__file__).parents[2] / "README.md"
_PATIENCE = 60.0


def _walk(url: str, alice: User, bob: User) -> str:
    """The second block of commands, with people and an address of this run."""
    block = re.findall(r"```bash\n(.*?)```", _README.read_text(), re.DOTALL)[1]
    told = {"BASE": url, "ALICE": _token(alice), "BOB": _token(bob)}
    for name, value in told.items():
        block, count = re.subn(rf"^{name}=.*$", f"{name}={value}", block, flags=re.MULTILINE)
        assert count == 1, f"{name} is not set in the walk"
    return str(block).replace('"bob"', f'"{bob.id}"')


def _token(user: User) -> str:
    return user.headers["Authorization"].removeprefix("Bearer ")


async def test_the_readme_walk_shows_what_it_promises(alice: User, bob: User, stack: Stack) -> None:
    process = await asyncio.create_subprocess_exec(
        *("bash", "-e", "-o", "pipefail", "-c", _walk(stack.url, alice, bob)),
        env={"PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(_PATIENCE):
        said, _ = await process.communicate()
    text = said.decode()
    assert process.returncode == 0, text
    # Bob's stream.
    assert "event: connected" in text
    assert '"type":"group.invite"' in text
    assert '"type":"message.new"' in text
    # His read, and what Alice sees and is told of it.
    assert '"readSeq":2' in text
    assert f'"readBy":["{bob.id}"]' in text
    # The poll ends with what is there: what he read may follow a moment later.
    assert '"type":"message.delivered"' in text
    # His inbox.
    assert '"pagination"' in text
    assert '{"message":"Marked all as read.","count":2}' in text

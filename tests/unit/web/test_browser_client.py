"""The browser client's own tests, run by Node.js: `tests/web`."""

import asyncio
import re
from pathlib import Path

import pytest

from launcher.paths import ROOT

_FILES = sorted((ROOT / "tests" / "web").glob("*.test.js"))
_PATIENCE = 120.0


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name.partition(".")[0])
async def test_the_browser_client_does_what_it_promises(node: str, file: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(node, "--test", "--test-reporter=tap", str(file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        pytest.fail(f"{file.name} did not end within {_PATIENCE:.0f} s", pytrace=False)
    said = output.decode()
    counts = {name: int(count) for name, count in re.findall(r"^# (\w+) (\d+)$", said, re.M)}
    if process.returncode or not counts["pass"] or counts["skipped"] or counts["todo"]:
        pytest.fail(_failures(said), pytrace=False)


def _failures(said: str) -> str:
    """What failed, without what passed."""
    parts = re.split(r"^(?=\s*(?:not )?ok \d+)", said, flags=re.M)
    failed = [part for part in parts if part.lstrip().startswith("not ok")]
    return "".join(failed) or said


def test_there_are_tests_of_the_browser_client() -> None:
    """An empty list of files would pass as well."""
    assert len(_FILES) >= 10

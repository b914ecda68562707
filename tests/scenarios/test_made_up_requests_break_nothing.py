"""A machine makes up requests from the contract, right ones and wrong ones, alone and in sequences:
each gets an answer that the contract lists, and nobody sees what is somebody else's.

Briefly, and always the same, in every test run; `make contract-fuzz MINUTES=10` goes on for longer,
each time with others.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from launcher.paths import ROOT
from tests.fixtures.stack import Stack
from tests.fixtures.tokens import bearer

FUZZING = ROOT / "tests" / "contracts" / "fuzzing"
MINUTES = int(os.environ.get("FUZZ_MINUTES", "0"))
BRIEFLY = ("--generation-deterministic", "--no-shrink")
FOR_LONG = (
    *(f"--max-time={MINUTES * 60}", "--max-examples=1000", "--continue-on-failure"),
    "--generation-database=none",
)
# Beside the minutes that it makes up requests for: the last of them, and making failures shorter.
MARGIN_SECONDS = 400
LIMIT = MINUTES * 60 + MARGIN_SECONDS

# Later than the limit, which ends the other process as well.
pytestmark = pytest.mark.timeout(LIMIT + 40)


async def test_what_is_made_up_from_the_contract_gets_answers_of_the_contract(
    stack: Stack, tmp_path: Path
) -> None:
    people = tmp_path / "people.json"
    people.write_text(json.dumps({"auth": [_person("alice"), _person("bob")]}))
    command = (
        *("--config-file", str(FUZZING / "schemathesis.toml"), "run"),
        *(str(ROOT / "docs" / "openapi.json"), "--url", stack.url),
        *("--no-color", "--request-timeout=20"),
        *(FOR_LONG if MINUTES else BRIEFLY),
    )
    environment = {
        **os.environ,
        "FUZZ_PEOPLE": str(people),
        "SCHEMATHESIS_HOOKS": "tests.contracts.fuzzing.hooks",
        "PYTHONPATH": str(ROOT),
    }
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).parent / "st"), *command),
        cwd=tmp_path,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(LIMIT):
            said, _ = await process.communicate()
    finally:
        # A test that ends early leaves nobody behind who goes on with the requests.
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()


def _person(name: str) -> dict[str, object]:
    header = {"name": "Authorization", "value": bearer(f"fuzz-{name}", name)["Authorization"]}
    return {"name": name, "fixedHeaders": [header]}

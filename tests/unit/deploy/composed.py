"""docker-compose.yml as Compose itself understands it, which needs no engine for that: the program
comes from a package that is pinned like every other."""

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import Any

from launcher.compose import NAMES
from launcher.paths import ROOT, program

Json = dict[str, Any]

TEXT = (ROOT / "docker-compose.yml").read_text()
# As `make env` writes them, each with a value that is nobody's.
SECRETS: Mapping[str, str] = {name: f"{name.lower()}-of-thirty-two-characters" for name in NAMES}


def config(text: str, variables: Mapping[str, str] = SECRETS) -> "subprocess.CompletedProcess[str]":
    """What `docker compose config` says of a file with this text, which stands where ours does."""
    command = [
        *(program("docker-compose"), "--project-directory", str(ROOT), "--profile", "*"),
        *("--env-file", "/dev/null", "--file", "-", "config", "--format", "json"),
    ]
    return subprocess.run(
        command, input=text, env=dict(variables), capture_output=True, text=True, check=False
    )


@cache
def composed() -> Json:
    """The file with the secrets of `make env`, and nothing else set."""
    said = config(TEXT)
    assert said.returncode == 0, said.stderr
    understood: Json = json.loads(said.stdout)
    return understood


def service(name: str) -> Json:
    found: Json = composed()["services"][name]
    return found


ALL = sorted(composed()["services"])
# Those that a plain `docker compose up` starts.
CORE = [name for name in ALL if not service(name).get("profiles")]

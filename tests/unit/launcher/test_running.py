"""Commands for the stack that runs from a folder find it there."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from launcher.paths import ROOT
from launcher.running import RunningStack

Tool = tuple[Sequence[str], Mapping[str, str]]


def rabbitmqctl(
    state: Path, tool: Tool | None, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """`circles rabbitmqctl` beside a stack whose broker has this tool."""
    stack = RunningStack(0, {}, "", {}, {}, None, tool)
    (state / "running.json").write_text(json.dumps(asdict(stack)))
    return subprocess.run(
        [sys.executable, "-m", "launcher", "rabbitmqctl", *arguments],
        cwd=ROOT,
        env={**os.environ, "CIRCLES_STATE": str(state), "RABBITMQ_NODENAME": "another"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_rabbitmqctl_is_told_which_node_runs_here_and_gets_every_argument(tmp_path: Path) -> None:
    shown = ["sh", "-c", 'echo "$RABBITMQ_NODENAME" "$@"', "sh"]
    environment = {"PATH": os.environ["PATH"], "RABBITMQ_NODENAME": "circles@localhost"}
    done = rabbitmqctl(
        tmp_path, (shown, environment), "list_queues", "--vhost", "circles", "--help"
    )
    assert done.stdout == "circles@localhost list_queues --vhost circles --help\n"
    assert done.returncode == 0


def test_where_the_broker_is_somebody_elses_rabbitmqctl_says_so(tmp_path: Path) -> None:
    done = rabbitmqctl(tmp_path, None, "status")
    assert "one of your own" in done.stderr
    assert done.returncode == 1

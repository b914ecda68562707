"""Commands for the stack that runs from a folder find it there."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from launcher.paths import ROOT
from launcher.ports import free_port
from launcher.running import RunningStack

Tool = tuple[Sequence[str], Mapping[str, str]]


def circles(
    state: Path, stack: RunningStack, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command beside this stack."""
    (state / "running.json").write_text(json.dumps(asdict(stack)))
    return subprocess.run(
        [sys.executable, "-m", "launcher", *arguments],
        cwd=ROOT,
        env={**os.environ, "CIRCLES_STATE": str(state), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def rabbitmqctl(
    state: Path, tool: Tool | None, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """`circles rabbitmqctl` beside a stack whose broker has this tool."""
    stack = RunningStack(0, {}, "", {}, {}, None, tool)
    return circles(state, stack, "rabbitmqctl", *arguments, RABBITMQ_NODENAME="another")


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


def test_psql_is_of_the_owner_and_sees_all_sessions_as_the_administrator(tmp_path: Path) -> None:
    (tmp_path / "psql").write_text('#!/bin/sh\necho "$PGPASSWORD" "$@"\n')
    (tmp_path / "psql").chmod(0o700)
    path = f"{tmp_path}:{os.environ['PATH']}"
    owner, admin = (
        "postgresql://owner:one@db:1/circles_chat",
        "postgresql://admin:two@db:1/postgres",
    )
    stack = RunningStack(0, {"chat": owner}, admin, {}, {}, None)
    assert circles(tmp_path, stack, "psql", "chat", PATH=path).stdout == (
        "one postgresql://owner@db:1/circles_chat\n"
    )
    assert circles(tmp_path, stack, "psql", "--admin", "chat", PATH=path).stdout == (
        "two postgresql://admin@db:1/circles_chat\n"
    )


async def test_status_says_where_each_replica_is_and_what_it_lacks(tmp_path: Path) -> None:
    async def lacking(_: web.Request) -> web.Response:
        return web.json_response({"detail": "Not ready: relay (no broker)"}, status=503)

    async def ready(_: web.Request) -> web.Response:
        return web.json_response({"status": "ready"})

    app = web.Application()
    app.add_routes([web.get("/one/readyz", ready), web.get("/two/readyz", lacking)])
    async with TestServer(app) as server:
        at = str(server.make_url("/"))
        urls = [f"{at}one/readyz", f"{at}two/readyz", f"http://127.0.0.1:{free_port()}/readyz"]
        stack = RunningStack(0, {}, "", {}, {"chat": urls}, None)
        done = await asyncio.to_thread(circles, tmp_path, stack, "status")
    assert [line.split(maxsplit=2)[::2] for line in done.stdout.splitlines()] == [
        ["chat-1", "Ready"],
        ["chat-2", "Not ready: relay (no broker)"],
        ["chat-3", "Does not answer"],
    ]
    assert at.rstrip("/") in done.stdout

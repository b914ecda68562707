"""Which version of each system was measured."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from bench.peers.installing import NODE, VENV

_PYTHON = ("tornado", "sse-starlette", "uvicorn", "uvloop", "matrix-synapse")
_DEBIAN = ("nginx", "libnginx-mod-nchan", "ejabberd", "postgresql", "rabbitmq-server")


def versions() -> str:
    """Those that are installed, on one line."""
    return ", ".join((*_debian(), *_node(), *_python()))


def _debian() -> Iterator[str]:
    if shutil.which("dpkg-query") is None:
        return
    form = "--showformat=${Package} ${Version} ${db:Status-Status}\n"
    # It complains of those that it does not know, and lists the rest.
    listed = subprocess.run(
        ["dpkg-query", "--show", form, *_DEBIAN], capture_output=True, text=True, check=False
    )
    for line in listed.stdout.splitlines():
        name, version, status = line.split(" ")
        if status == "installed":
            yield f"{name} {version}"


def _node() -> Iterator[str]:
    if node := shutil.which("node"):
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        yield f"node {said.stdout.strip()}"
    package = NODE / "node_modules" / "better-sse" / "package.json"
    if package.exists():
        yield f"better-sse {json.loads(package.read_text())['version']}"


def _python() -> Iterator[str]:
    folders = [str(path) for path in Path(VENV).glob("lib/python3*/site-packages")]
    found = {one.metadata["Name"].lower(): one.version for one in distributions(path=folders)}
    for name in _PYTHON:
        if version := found.get(name) or found.get(name.replace("-", "_")):
            yield f"{name} {version}"

"""The services' processes: which there are, how many of each, and what each is told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.credentials import ERASURE, SERVICES
from launcher.errors import LaunchError
from launcher.gateway import only_this_machine
from launcher.paths import PROGRAMS
from launcher.ports import free_port
from launcher.processes import Process
from launcher.tokens import token_settings

# Read by the launcher, or told to each service separately: not passed on as they are.
_OURS = (
    *("DATABASE_URL", "AMQP_URL", "HOST", "PORT", "REPLICA"),
    *("GROUPS_URL", "CHAT_URL", "NOTIFIER_URL"),
    *("SERVICE_SECRET", "TICKET_SECRET", "USER", "NAME", "PYTHONPATH", "PYTHONHOME"),
)
_MOST_REPLICAS = 16
# A local stop should be quick; set DRAIN_SECONDS to see a real drain.
_DRAIN_SECONDS = "1"


@dataclass(frozen=True)
class Service:
    """One replica of a service."""

    process: Process
    kind: str
    port: int

    @property
    def ready_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/readyz"


def replica_counts() -> Mapping[str, int]:
    """REPLICAS is the notifier's; each other service has a variable of its own."""
    return {
        "groups": _count("GROUPS_REPLICAS"),
        "chat": _count("CHAT_REPLICAS"),
        "notifier": _count("REPLICAS"),
    }


def _count(variable: str) -> int:
    said = os.environ.get(variable) or "1"
    if not said.isdigit() or not 1 <= int(said) <= _MOST_REPLICAS:
        raise LaunchError(f"{variable} is {said!r}. Use a number from 1 to {_MOST_REPLICAS}.")
    return int(said)


def local_sign_in() -> str:
    """Whether people sign in by name alone: on where only this machine reaches the gateway and
    tokens are ours to make, unless LOCAL_SIGN_IN says."""
    fitting = only_this_machine() and not os.environ.get("TOKEN_JWKS_URL")
    return os.environ.get("LOCAL_SIGN_IN") or ("true" if fitting else "false")


def plan_services(
    folder: Path,
    secrets: Mapping[str, str],
    database_urls: Mapping[str, str],
    amqp_urls: Mapping[str, str],
) -> list[Service]:
    """Every replica of every service, each with a port and the settings of its own."""
    ports = {kind: [free_port() for _ in range(n)] for kind, n in replica_counts().items()}
    urls = {
        kind: " ".join(f"http://127.0.0.1:{port}" for port in of_kind)
        for kind, of_kind in ports.items()
    }
    common = {
        **{name: value for name, value in os.environ.items() if name not in _OURS},
        **token_settings(secrets),
        "SERVICE_SECRET": secrets["service_secret"],
        "ERASURE_SECRET": os.environ.get("ERASURE_SECRET") or secrets.get(ERASURE, ""),
        "HOST": "127.0.0.1",
        "DRAIN_SECONDS": os.environ.get("DRAIN_SECONDS", _DRAIN_SECONDS),
    }
    own = {
        "groups": {"CHAT_URL": urls["chat"]},
        "chat": {"GROUPS_URL": urls["groups"], "NOTIFIER_URL": urls["notifier"]},
        "notifier": {
            "TICKET_SECRET": secrets["ticket_secret"],
            "LOCAL_SIGN_IN": local_sign_in(),
        },
    }
    planned = []
    for kind in SERVICES:
        for number, port in enumerate(ports[kind], start=1):
            # A replica's name stays the same from run to run, and so does its log file.
            name = f"{kind}-{number}"
            environment = {
                **common,
                **own[kind],
                "DATABASE_URL": database_urls[kind],
                "AMQP_URL": amqp_urls[kind],
                "PORT": str(port),
                "REPLICA": name,
            }
            command = [str(PROGRAMS / "python"), "-m", f"services.{kind}"]
            process = Process(name, command, folder, environment, grace_seconds=10.0)
            planned.append(Service(process, kind, port))
    return planned

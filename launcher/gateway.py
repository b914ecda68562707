"""The gateway: Caddy, with the replicas of each service."""

import os
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path

from launcher.errors import LaunchError
from launcher.paths import ROOT, program
from launcher.ports import has_ipv6_loopback, is_free
from launcher.processes import Process

DEFAULT_PORT = 8080
# Handed on from our environment, where they are set.
SETTINGS = ("TRUSTED_PROXIES", "GATEWAY_HEADER_TIMEOUT", "GATEWAY_BODY_TIMEOUT")


def chosen_port() -> int:
    """The only fixed port. Raises LaunchError when it can't be used."""
    said = os.environ.get("CIRCLES_PORT", str(DEFAULT_PORT))
    if not said.isdigit() or not 1 <= int(said) <= 65535:
        raise LaunchError(f"CIRCLES_PORT is {said!r}, which is no port. Use a number up to 32767.")
    return int(said)


def addresses() -> Sequence[str]:
    """Where it listens: on this machine only, unless CIRCLES_BIND says otherwise."""
    if said := os.environ.get("CIRCLES_BIND", "").split():
        return said
    return ["127.0.0.1", *(["::1"] if has_ipv6_loopback() else [])]


def only_this_machine() -> bool:
    """Whether nobody but this machine can reach it."""
    return all(ip_address(address).is_loopback for address in map(_as_ip, addresses()))


def _as_ip(address: str) -> str:
    """Names may resolve to anything: all but one count as an address that everybody reaches."""
    try:
        return str(ip_address(address.strip("[]")))
    except ValueError:
        return "127.0.0.1" if address == "localhost" else "0.0.0.0"  # noqa: S104


def ensure_free(port: int) -> None:
    """Raises LaunchError when something listens on the gateway's port."""
    for address in addresses():
        if not is_free(port, address):
            if port < 1024 and os.geteuid() != 0:
                raise LaunchError(f"Port {port} is root's. Choose another: CIRCLES_PORT=8080.")
            raise LaunchError(
                f"Port {port} is in use on {address}. Stop what listens there (`ss -ltnp` names "
                f"it), or choose another: make run CIRCLES_PORT={port + 1}"
            )


def gateway_process(folder: Path, port: int, upstreams: Mapping[str, Sequence[int]]) -> Process:
    """`upstreams` maps each service to the ports of its replicas."""
    home = folder / "gateway"
    home.mkdir(parents=True, exist_ok=True)
    cores = os.cpu_count() or 1
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "CIRCLES_PORT": str(port),
        "CIRCLES_BIND": " ".join(addresses()),
        "DOCS_ROOT": str(ROOT / "docs"),
        "WEB_ROOT": str(ROOT / "web"),
        # It passes bytes on: more threads would take cores from those who make them.
        "GOMAXPROCS": str(max(1, min(cores, max(2, cores // 2)))),
    }
    environment |= {name: os.environ[name] for name in SETTINGS if os.environ.get(name)}
    for service, ports in upstreams.items():
        environment[f"{service.upper()}_UPSTREAMS"] = " ".join(f"127.0.0.1:{p}" for p in ports)
    config = str(ROOT / "gateway" / "Caddyfile")
    command = [program("caddy"), "run", "--config", config, "--adapter", "caddyfile"]
    return Process("gateway", command, folder, environment, grace_seconds=4.0)

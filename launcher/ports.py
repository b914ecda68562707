"""Ports: internal ones are picked anew at every start: several checkouts run side by side."""

import random
import socket

from launcher.errors import LaunchError

# Below the ephemeral range: polling a port inside it can connect to itself and block the listener.
INTERNAL = range(20_000, 32_000)

_picked: set[int] = set()


def free_port() -> int:
    """A port on 127.0.0.1 that nothing listens on now and that was not handed out before."""
    for port in random.sample(INTERNAL, 500):
        if port not in _picked and is_free(port):
            _picked.add(port)
            return port
    raise LaunchError("No free port between 20000 and 31999. Stop something that listens there.")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: the last connections of a stopped one must not count as "in use".
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def has_ipv6_loopback() -> bool:
    return socket.has_ipv6 and is_free(0, "::1")

"""Peers of the live fan-out: each holds streams on GET /sub, and sends to all of them what comes by
POST /pub. One process each, as our hub is one."""

import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.peers import installing
from launcher.errors import LaunchError
from launcher.paths import PROGRAMS
from launcher.progress import Progress

FILES = Path(__file__).parent / "servers"
FLOOR, CIRCLES, NCHAN = "send(2) floor", "Circles hub", "nchan"

_NGINX = """\
daemon off;
master_process on;
worker_processes 1;
worker_rlimit_nofile {files};
load_module {module};
error_log stderr error;
pid {folder}/nginx.pid;
events {{ worker_connections {files}; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 100000000;
    tcp_nodelay on;
    nchan_max_reserved_memory 256M;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /pub {{
            nchan_publisher;
            nchan_channel_id all;
            nchan_message_buffer_length 4096;
            nchan_message_timeout 5m;
        }}
        location = /sub {{
            nchan_subscriber eventsource longpoll;
            nchan_channel_id all;
            nchan_subscriber_first_message newest;
            nchan_eventsource_event notification;
        }}
        location = /poll {{
            nchan_subscriber longpoll;
            nchan_channel_id all;
            nchan_subscriber_first_message oldest;
        }}
    }}
}}
"""
_NCHAN_MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


@dataclass(frozen=True)
class Peer:
    """`prepare` installs it, and raises LaunchError where it can't; `command` starts it on a port
    with files in a folder of its own.
    `takes_bursts` where a call may bring several messages, one on each line."""

    name: str
    words: str
    prepare: Callable[[Progress], Awaitable[None]]
    command: Callable[[int, Path], Sequence[str]]
    takes_bursts: bool = True


async def _nothing(_: Progress) -> None:
    """It is here already."""


def _missing_of_nginx() -> Sequence[str]:
    here = shutil.which("nginx", path="/usr/sbin:/usr/bin") is not None
    # An nginx that is here already may be somebody's: only one of our own is kept from starting.
    own = () if here else ("nginx",)
    return own if _NCHAN_MODULE.exists() else (*own, "libnginx-mod-nchan")


async def _nginx(progress: Progress) -> None:
    if missing := _missing_of_nginx():
        await installing.with_apt(missing, progress)


def _nchan(port: int, folder: Path) -> Sequence[str]:
    config = folder / "nginx.conf"
    config.write_text(
        _NGINX.format(port=port, folder=folder, module=_NCHAN_MODULE, files=installing.open_files())
    )
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
    # Not as the user `nobody`, whom root would make its workers: they could not write here.
    return (program, "-p", str(folder), "-c", str(config), "-g", f"user {installing.user()};")


async def _better_sse(progress: Progress) -> None:
    await installing.with_npm(("better-sse",), progress)


def _node(script: str) -> Callable[[int, Path], Sequence[str]]:
    return lambda port, _: (shutil.which("node") or "node", str(FILES / script), str(port))


async def _need_node(_: Progress) -> None:
    if shutil.which("node") is None:
        raise LaunchError("node is missing. Install nodejs.")


async def _python_peers(progress: Progress) -> None:
    packages = ("sse-starlette", "starlette", "uvicorn", "httptools", "uvloop", "tornado")
    await installing.with_pip(packages, progress)


def _python(script: str) -> Callable[[int, Path], Sequence[str]]:
    return lambda port, _: (str(installing.PYTHON), str(FILES / script), str(port))


def floor(programs: Path) -> Peer:
    words = "C, one send(2) for each stream: what the kernel allows"
    return Peer(FLOOR, words, _nothing, lambda port, _: (str(programs / "floor"), str(port)))


def plain_http() -> Peer:
    words = "aiohttp, which answers and does nothing else"
    return Peer("plain HTTP", words, _nothing, _with_ours("plain_http.py"))


def _with_ours(script: str) -> Callable[[int, Path], Sequence[str]]:
    return lambda port, _: (str(PROGRAMS / "python"), str(FILES / script), str(port))


def _hub(port: int, _: Path) -> Sequence[str]:
    return (str(PROGRAMS / "python"), "-m", "bench.hub", str(port))


CIRCLES_HUB = Peer(CIRCLES, "the notifier's own hub and streams, nothing stored", _nothing, _hub)
PEERS = (
    Peer(NCHAN, "nginx with the nchan module, one worker; memory", _nginx, _nchan, False),
    Peer("node http", "Node's bare http server; memory", _need_node, _node("node.js")),
    Peer("better-sse", "better-sse on Node; memory", _better_sse, _node("better-sse.js")),
    Peer("tornado", "tornado on uvloop; memory", _python_peers, _python("tornado_server.py")),
    Peer(
        "sse-starlette",
        "sse-starlette on uvicorn, uvloop and httptools; memory",
        _python_peers,
        _python("starlette_server.py"),
    ),
)

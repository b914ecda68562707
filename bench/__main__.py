"""The first figures: latency when idle, rates held, memory per idle stream.

    make run                  in one terminal
    make bench                in another: writes docs/benchmarks/first-figures.{md,json}

Every call and every stream goes through the gateway, receipts are on, and each run is void if it
loses, doubles or reorders anything.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
from rich.console import Console

from bench.readers import reading
from bench.report import Figures, write_report
from bench.senders import Sender, send_at_rate
from launcher import credentials
from launcher.tokens import make_token, token_settings

QUICK = os.environ.get("QUICK") == "1"
# A sender may post 20 messages a second; half of it leaves the limit alone.
PER_SENDER = 10
SETTLE_SECONDS = 10.0
console = Console()


def _token(user: str) -> str:
    return make_token(token_settings(credentials.load()), user, None, 3600)


async def _group(base: str, creator: str, members: Sequence[str]) -> str:
    async with (
        aiohttp.ClientSession(raise_for_status=True) as http,
        http.post(
            f"{base}/v1/groups",
            json={"name": "Benchmark", "memberIds": list(members)},
            headers={"Authorization": f"Bearer {_token(creator)}"},
        ) as answer,
    ):
        return str((await answer.json())["id"])


async def measure(base: str, name: str, size: int, rate: float, seconds: float) -> Figures:
    """Post `rate` messages a second to groups of `size` whose members all have a stream open."""
    run = f"{int(time.time() * 1000):x}"
    senders_needed = max(1, round(rate / PER_SENDER))
    groups = max(1, senders_needed // (size - 1)) if size > 2 else senders_needed
    people = [[f"b{run}-{g}-{m}" for m in range(size)] for g in range(groups)]
    ids = [await _group(base, members[0], members[1:]) for members in people]
    per_group = -(-senders_needed // groups)
    senders = [
        Sender(_token(members[n]), group_id)
        for n in range(per_group)
        for members, group_id in zip(people, ids, strict=True)
    ]
    tokens = [_token(member) for members in people for member in members]
    # Opened on a worker thread: waiting for another process must not stop this loop.
    with reading(f"{base}/v1/sse/stream", tokens) as readers:
        sent = await send_at_rate(base, senders, rate, seconds, name)
        await asyncio.sleep(SETTLE_SECONDS if rate > 50 else 1.0)
        received = readers.finish()
    expected = sent.accepted * (size - 1)
    latencies = sorted(received.latencies) or [0.0]
    return Figures(
        name,
        round(sent.accepted / seconds, 1),
        round(received.messages / seconds, 1),
        round(statistics.median(latencies) * 1e3, 2),
        round(latencies[int(len(latencies) * 0.99) - 1] * 1e3, 2),
        round(statistics.median(sent.latencies) * 1e3, 2),
        expected - received.messages,
        received.gaps + received.lost_streams,
        sent.refused,
        round(os.getloadavg()[0], 2),
    )


def _notifier_memory() -> int:
    """Resident bytes of all notifier processes on this machine that belong to this checkout."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            if b"services.notifier" not in command:
                continue
            status = (folder / "status").read_text()
        except OSError:
            continue
        total += int(status.split("VmRSS:")[1].split()[0]) * 1024
    return total


def memory_per_stream(base: str, count: int) -> float:
    """Bytes that the notifier holds more for each of `count` idle streams."""
    tokens = [_token(f"idle-{number}") for number in range(count)]
    # Once before, so that what the first herd leaves in pools is not counted as the streams'.
    with reading(f"{base}/v1/sse/stream", tokens[: count // 4]) as readers:
        readers.finish()
    time.sleep(2)
    before = _notifier_memory()
    with reading(f"{base}/v1/sse/stream", tokens) as readers:
        time.sleep(2)
        held = _notifier_memory()
        readers.finish()
    return (held - before) / count


def main() -> None:
    base = f"http://127.0.0.1:{os.environ.get('CIRCLES_PORT', '8080')}"
    seconds = 5.0 if QUICK else 30.0
    workloads = (
        ("idle, group of 2", 2, 5.0, seconds),
        ("groups of 2", 2, float(os.environ.get("RATE_2", "500")), seconds),
        ("groups of 100", 101, float(os.environ.get("RATE_100", "200")), seconds),
    )
    figures = []
    for workload in workloads:
        figures.append(asyncio.run(measure(base, *workload)))
        console.print(figures[-1])
    streams = 500 if QUICK else 2000
    write_report(console, figures, memory_per_stream(base, streams), streams)
    if void := [row.name for row in figures if row.is_void]:
        sys.exit(f"void, because something was lost, doubled, reordered or refused: {void}")


if __name__ == "__main__":
    main()

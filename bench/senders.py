"""Sending at fixed times, whatever the answers take: an open loop."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
from rich.progress import Progress

ANSWERED_WITHIN_SECONDS = 30.0


@dataclass(frozen=True)
class Sender:
    """Somebody who posts to one group."""

    token: str
    group_id: str


@dataclass
class Sent:
    """Latencies of the answers are in seconds, from the moment the call was due."""

    accepted: int
    refused: int
    latencies: list[float]


async def send_at_rate(
    base: str, senders: Sequence[Sender], per_second: float, seconds: float, title: str
) -> Sent:
    """Post `per_second` messages for `seconds`, in turn from each of `senders`."""
    sent = Sent(0, 0, [])
    total = round(per_second * seconds)
    connector = aiohttp.TCPConnector(limit=256)
    timeout = aiohttp.ClientTimeout(total=ANSWERED_WITHIN_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:

        async def post(sender: Sender, due: int) -> None:
            try:
                async with http.post(
                    f"{base}/v1/groups/{sender.group_id}/messages",
                    json={"content": str(due)},
                    headers={"Authorization": f"Bearer {sender.token}"},
                ) as response:
                    accepted = response.status == 201
                    await response.read()
            except (aiohttp.ClientError, TimeoutError):
                accepted = False
            sent.accepted += accepted
            sent.refused += not accepted
            sent.latencies.append((time.monotonic_ns() - due) / 1e9)

        with Progress(transient=True) as progress:
            bar = progress.add_task(title, total=total)
            begin = time.monotonic_ns() + 100_000_000
            async with asyncio.TaskGroup() as posts:
                for number in range(total):
                    due = begin + round(number / per_second * 1e9)
                    if (wait := (due - time.monotonic_ns()) / 1e9) > 0:
                        await asyncio.sleep(wait)
                    posts.create_task(post(senders[number % len(senders)], due))
                    progress.advance(bar)
    return sent

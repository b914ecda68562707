"""Where the replicas of the running stack listen, and whether they are ready."""

import asyncio
import json

import aiohttp
import click
from yarl import URL

from launcher.running import running_stack

ANSWER_SECONDS = 5.0


async def show_status() -> None:
    """Print a line for each replica. Raises LaunchError when no stack runs here."""
    replicas = [
        (f"{kind}-{number}", URL(url))
        for kind, urls in running_stack().ready_urls.items()
        for number, url in enumerate(urls, start=1)
    ]
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    ) as session:
        answers = await asyncio.gather(*(_readiness(session, url) for _, url in replicas))
    for (name, url), answer in zip(replicas, answers, strict=True):
        click.echo(f"{name:<12} {url.origin()}  {answer}")


async def _readiness(session: aiohttp.ClientSession, url: URL) -> str:
    """In one line; what a replica lacks, it says itself."""
    try:
        async with session.get(url) as answer:
            return "Ready" if answer.status == 200 else _lacking(await answer.text())
    except (aiohttp.ClientError, TimeoutError):
        return "Does not answer"


def _lacking(body: str) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return "Not ready"

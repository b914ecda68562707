"""Waiting for services and gateway to be ready; one that dies meanwhile ends the wait."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

import aiohttp

from launcher.errors import LaunchError
from launcher.paths import STATE, shown
from launcher.processes import Process
from launcher.progress import Progress
from launcher.services import Service
from launcher.waiting import together, until

START_SECONDS = 60.0


async def wait_for_services(services: Sequence[Service], progress: Progress) -> None:
    """Raises LaunchError with what the service said last, or what it says is missing."""

    async def wait(service: Service) -> None:
        with progress.step(f"{service.process.name} is ready"):
            await _wait(service.process, service.ready_url)

    await together(*(wait(service) for service in services))


async def wait_for_gateway(gateway: Process, port: int, progress: Progress) -> None:
    """Ready through the gateway is what counts: the way that users come."""
    with progress.step("Gateway is ready"):
        await _wait(gateway, f"http://localhost:{port}/healthz")


async def _wait(process: Process, url: str) -> None:
    answer = "no answer"

    async def ended_or_ready() -> bool:
        nonlocal answer
        if not process.alive:
            raise LaunchError(
                f"{process.name} ended while starting: {process.last_words() or 'without a word'}. "
                f"Its log: {shown(process.log)}"
            )
        try:
            async with http.get(url) as response:
                if response.status != HTTPStatus.OK:
                    answer = (await response.text())[:300]
                return response.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError):
            return False

    async with _calling() as http:
        if not await _in_time(ended_or_ready):
            raise LaunchError(
                f"{process.name} is not ready after {START_SECONDS:.0f} s: {answer}. "
                f"Its log: {shown(process.log)}"
            )


async def wait_until_ready(who: str, urls: Sequence[str]) -> None:
    """Wait for replicas that somebody else has started, by the addresses at which they say that
    they are ready. Raises LaunchError that begins with `who`."""

    async def ready() -> bool:
        try:
            return all([(await http.get(url)).status == HTTPStatus.OK for url in urls])
        except (aiohttp.ClientError, TimeoutError):
            return False

    async with _calling() as http:
        if not await _in_time(ready):
            raise LaunchError(
                f"{who} not ready after {START_SECONDS:.0f} s. "
                f"The logs are in {shown(STATE / 'logs')}."
            )


def _calling() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))


async def _in_time(condition: Callable[[], Awaitable[bool]]) -> bool:
    """Whether it came true within START_SECONDS."""
    try:
        async with asyncio.timeout(START_SECONDS):
            await until(condition)
    except TimeoutError:
        return False
    return True

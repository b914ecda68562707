"""A Prometheus of one's own, that scrapes a stack of the tests and answers queries."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from launcher import prometheus
from launcher.ports import free_port
from launcher.processes import Process
from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.observability.files import RULES

SCRAPE_SECONDS = 1
# Grafana would choose it by the interval of scraping.
RATE_INTERVAL = "10s"


@dataclass(frozen=True)
class Scraping:
    url: str
    http: aiohttp.ClientSession

    async def targets_up(self) -> int:
        params = {"query": "sum(up)"}
        async with self.http.get(f"{self.url}/api/v1/query", params=params) as answer:
            body = await answer.json()
        assert body["status"] == "success", body
        found = body["data"]["result"]
        return int(float(found[0]["value"][1])) if found else 0


@asynccontextmanager
async def scraping(stack: Stack, folder: Path) -> AsyncIterator[Scraping]:
    """Prometheus, as Debian packages it, with the rules; every replica is a target."""
    program = prometheus.find("prometheus")
    if program is None:
        pytest.fail("Install the package prometheus: it answers what is drawn", pytrace=False)
    (folder / "prometheus.yml").write_text(_configuration(stack))
    port = free_port()
    command = [
        *(program, f"--config.file={folder / 'prometheus.yml'}"),
        *(f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"),
    ]
    process = Process("prometheus", command, folder)
    await process.start()
    try:
        async with aiohttp.ClientSession() as http:
            made = Scraping(f"http://127.0.0.1:{port}", http)

            async def every_target_answers() -> bool:
                try:
                    return await made.targets_up() == len(stack.services)
                except aiohttp.ClientError:
                    return False

            await eventually(every_target_answers, seconds=30)
            yield made
    finally:
        await process.stop()


def _configuration(stack: Stack) -> str:
    """As JSON, which is YAML too."""
    jobs = [
        {
            "job_name": kind,
            "static_configs": [
                {
                    "targets": [
                        f"127.0.0.1:{service.port}"
                        for service in stack.services.values()
                        if service.kind == kind
                    ]
                }
            ],
        }
        for kind in sorted({service.kind for service in stack.services.values()})
    ]
    every = f"{SCRAPE_SECONDS}s"
    return json.dumps(
        {
            "global": {"scrape_interval": every, "evaluation_interval": every},
            "rule_files": [str(RULES)],
            "scrape_configs": jobs,
        }
    )

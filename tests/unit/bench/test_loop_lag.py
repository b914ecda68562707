"""The lag of an event loop: what the service counts, and what the benchmark reads from it."""

import asyncio
import time

import pytest
from aiohttp import web
from prometheus_client import generate_latest

from bench.loop_lag import Lag, lag_of
from shared.loop_lag import watched_loop


def test_the_worst_is_the_bound_that_all_stayed_within() -> None:
    lag = Lag({0.001: 90, 0.025: 99, 0.1: 100, float("inf"): 100})
    assert lag.looks == 100
    assert lag.worst_ms == pytest.approx(100)
    assert lag.beyond(0.025) == 1


def busy_for(seconds: float) -> None:
    """What a stall is: work that does not let the loop go on."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


async def test_a_stall_is_seen_and_is_no_part_of_the_time_before_it() -> None:
    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest())

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/metrics"
    try:
        async with watched_loop():
            await asyncio.sleep(0.05)
            before = await lag_of(url)
            busy_for(0.15)
            await asyncio.sleep(0.02)
            stalled = (await lag_of(url)).since(before)
        ended = await lag_of(url)
        await asyncio.sleep(0.05)
        assert stalled.beyond(0.1) >= 1
        assert stalled.worst_ms >= 100
        assert (await lag_of(url)).since(ended).looks == 0
    finally:
        await runner.cleanup()

"""Links between services and servers: cut in ways that leave both ends none the wiser."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from yarl import URL

from tests.faults.proxy import Proxy
from tests.faults.scene import Bite, Fault, Link, Scene
from tests.faults.stack import Stack

BROKER, DATABASE = "AMQP_URL", "DATABASE_URL"
# Heartbeats take up to 17 s to find out, and the driver needs a while to begin anew.
LOST_SECONDS = 25.0
REFUSED_SECONDS = 8.0
SWALLOWED_SECONDS = 20.0
# For who comes back after the longest back-off.
BACK_SECONDS = 5.0


@asynccontextmanager
async def through_proxies(stack: Stack, links: Sequence[Link]) -> AsyncIterator[Sequence[Proxy]]:
    """The replicas, started again with these links led through a proxy each; in the end as before.

    Raises LaunchError.
    """
    async with AsyncExitStack() as cleanup:
        proxies: list[Proxy] = []
        changed: dict[str, dict[str, str]] = {}
        for kind, setting in links:
            url = URL(stack.process(stack.of(kind)[0]).environment[setting])
            proxy = await cleanup.enter_async_context(Proxy([url.port or 0]).running())
            proxies.append(proxy)
            changed.setdefault(kind, {})[setting] = str(url.with_port(proxy.port))
        plain = {name: stack.process(name).environment for k in changed for name in stack.of(k)}
        try:
            await _restart(
                stack, {n: {**p, **changed[stack.services[n].kind]} for n, p in plain.items()}
            )
            yield proxies
        finally:
            await _restart(stack, plain)


async def _restart(stack: Stack, environments: Mapping[str, Mapping[str, str]]) -> None:
    await stack.kill(*(name for name in environments if stack.process(name).alive))
    for name, environment in environments.items():
        stack.process(name).environment = environment
    await stack.healed()


def lose(how: Callable[[Proxy], int], seconds: float = LOST_SECONDS) -> Fault:
    """Break every connection of the scene's links; new ones pass. Recovery counts from the start:
    what broke never heals, and must be found out."""

    async def fault(scene: Scene) -> Bite:
        opened = sum(proxy.opened for proxy in scene.links)
        scene.timeline.strike()
        broken = sum(how(proxy) for proxy in scene.links)
        await scene.goes_on(seconds)
        opened = sum(proxy.opened for proxy in scene.links) - opened
        return {"connections lost": broken, "connections made anew": opened}

    return fault


async def refuse(scene: Scene) -> Bite:
    """Every connection of the scene's links is reset, and for a while nobody takes new ones."""
    return await _close(scene, Proxy.refusing, REFUSED_SECONDS)


async def swallow(scene: Scene) -> Bite:
    """As `lose` with a black hole, which for a while takes in new connections as well."""
    bite = await _close(scene, Proxy.swallowing, SWALLOWED_SECONDS)
    return {**bite, "connections tried in vain": sum(proxy.swallowed for proxy in scene.links)}


async def _close(
    scene: Scene, how: Callable[[Proxy], AbstractAsyncContextManager[int]], seconds: float
) -> dict[str, int]:
    scene.timeline.strike()
    async with AsyncExitStack() as closed:
        broken = [await closed.enter_async_context(how(proxy)) for proxy in scene.links]
        await scene.goes_on(seconds)
        opened = sum(proxy.opened for proxy in scene.links)
    scene.timeline.lift()
    await scene.goes_on(BACK_SECONDS)
    opened = sum(proxy.opened for proxy in scene.links) - opened
    return {"connections lost": sum(broken), "connections made afterwards": opened}

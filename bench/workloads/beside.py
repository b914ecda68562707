"""The durable path of Circles beside its peers, all running at the same time and loaded in turn."""

from contextlib import AsyncExitStack
from dataclasses import replace

from bench.circles import Circles
from bench.context import Context
from bench.peers.ejabberd_server import running_ejabberd
from bench.peers.synapse_server import running_synapse
from bench.section import Section
from bench.stack import Stack
from bench.systems import System
from bench.workloads.durable import durable
from launcher.errors import LaunchError


async def beside_peers(context: Context, stack: Stack) -> Section:
    """All systems in turn, or as many as can be had."""
    systems: list[System] = [Circles(stack)]
    async with AsyncExitStack() as cleanup:
        try:
            rooms = await cleanup.enter_async_context(running_ejabberd(context))
            systems += [rooms, replace(rooms, per_member=True, name="ejabberd, per member")]
        except LaunchError as error:
            context.skip("ejabberd", str(error))
        if context.quick:
            context.skip("Synapse", "making its accounts takes longer than a short run may")
        else:
            await _add_synapse(context, systems, cleanup)
        return await durable(context, stack, systems)


async def _add_synapse(context: Context, systems: list[System], cleanup: AsyncExitStack) -> None:
    try:
        systems.append(await cleanup.enter_async_context(running_synapse(context)))
    except LaunchError as error:
        context.skip("Synapse", str(error))

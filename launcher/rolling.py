"""`circles restart`: replace the replicas of the running system by the code that is here now."""

from collections.abc import Sequence

from launcher.paths import STATE
from launcher.processes import end_leftovers
from launcher.progress import Progress
from launcher.readiness import wait_until_ready
from launcher.running import running_stack


async def restart(services: Sequence[str], progress: Progress) -> None:
    """One replica after the other, each ready before the next is asked to go: streams come back
    elsewhere, and calls wait at the gateway. The supervisor of the system starts what has ended.
    Raises LaunchError."""
    stack = running_stack()
    for service in services:
        for number, url in enumerate(stack.ready_urls[service], start=1):
            name = f"{service}-{number}"
            with progress.step(f"{name} was restarted"):
                await end_leftovers(STATE, name)
                await wait_until_ready(f"{name} is", [url])

"""`circles rebuild notifier`: drop the notifier's database, and make it anew from the log."""

import asyncio

import aiohttp

from launcher import jobs
from launcher.errors import LaunchError
from launcher.operating import command_of
from launcher.paths import ROOT, STATE
from launcher.processes import end_leftovers
from launcher.progress import Progress
from launcher.running import running_stack
from launcher.standby import standing_by
from launcher.waiting import until

# The one service whose tables say nothing that is not in the log.
SERVICE = "notifier"
READY_SECONDS = 60.0


async def rebuild(progress: Progress) -> int:
    """Stop the notifiers, make their database anew, fill it, and let them start again.

    The rest of the system goes on; what happens meanwhile waits in the queue. Answers the exit
    code of the replay. Raises LaunchError.
    """
    stack = running_stack()
    with standing_by(STATE, SERVICE):
        with progress.step("Notifiers stopped"):
            # They must be gone: new events would come before old ones, and each has learnt the
            # epoch of the store that goes.
            await end_leftovers(STATE, f"{SERVICE}-*")
        with progress.step("Database made anew"):
            urls = jobs.DatabaseUrls(
                stack.owner_urls[SERVICE], stack.environments[SERVICE]["DATABASE_URL"]
            )
            await jobs.make_database_anew(stack.admin_database_url, SERVICE, urls)
        command, environment = command_of(SERVICE, ["replay", "--rebuild"])
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=dict(environment))
        code = await process.wait()
    with progress.step("Notifiers are ready"):
        await _wait_until_ready(stack.ready_urls[SERVICE])
    if code:
        progress.warn("The rebuild is not complete. Put right what it names and run it again.")
    return code


async def _wait_until_ready(urls: list[str]) -> None:
    async def ready() -> bool:
        try:
            return all([(await http.get(url)).status == 200 for url in urls])
        except (aiohttp.ClientError, TimeoutError):
            return False

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        try:
            async with asyncio.timeout(READY_SECONDS):
                await until(ready)
        except TimeoutError:
            raise LaunchError(
                f"The notifiers are not ready after {READY_SECONDS:.0f} s. "
                "Their logs are in .circles/logs."
            ) from None

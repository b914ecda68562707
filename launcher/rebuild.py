"""`circles rebuild notifier`: drop the notifier's database, and make it anew from the log."""

import asyncio
from collections.abc import Mapping

import aiohttp
import asyncpg
from yarl import URL

from launcher import jobs
from launcher.errors import LaunchError
from launcher.operating import command_of
from launcher.paths import ROOT, STATE
from launcher.processes import end_leftovers
from launcher.progress import Progress
from launcher.running import RunningStack, running_stack
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
            await _make_database(stack)
        command, environment = command_of(SERVICE, ["replay", "--rebuild"])
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=dict(environment))
        code = await process.wait()
    with progress.step("Notifiers are ready"):
        await _wait_until_ready(stack.ready_urls[SERVICE])
    if code:
        progress.warn("The rebuild is not complete. Put right what it names and run it again.")
    return code


async def _make_database(stack: RunningStack) -> None:
    urls = jobs.DatabaseUrls(stack.owner_urls[SERVICE], stack.environments[SERVICE]["DATABASE_URL"])
    name = URL(urls.owner).path.lstrip("/")
    try:
        admin = await asyncpg.connect(stack.admin_database_url)
        try:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            await admin.close()
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise LaunchError(
            f"The database of {SERVICE} could not be dropped: {error}. "
            "See that PostgreSQL runs, and run this again."
        ) from error
    databases: Mapping[str, jobs.DatabaseUrls] = {SERVICE: urls}
    await jobs.prepare_databases(stack.admin_database_url, databases)


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

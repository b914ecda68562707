"""`circles rebuild notifier`: drop the notifier's database, and make it anew from the log."""

import asyncio

import asyncpg

from launcher import jobs
from launcher.errors import LaunchError
from launcher.operating import command_of
from launcher.paths import ROOT, STATE
from launcher.processes import end_leftovers
from launcher.progress import Progress
from launcher.readiness import wait_until_ready
from launcher.running import running_stack
from launcher.standby import standing_by
from shared.errors import words_of
from shared.operations.command import WOULD_LOSE

# The one service whose tables say nothing that is not in the log.
SERVICE = "notifier"


async def rebuild(progress: Progress, incomplete: bool) -> int:
    """Stop the notifiers, make their database anew, fill it, and let them start again.

    The rest of the system goes on; what happens meanwhile waits in the queue. Answers the exit
    code of the replay. Raises LaunchError, and before anything is touched where the log lacks what
    the database holds, unless it may come back `incomplete`.
    """
    stack = running_stack()
    if not incomplete:
        await _ensure_nothing_is_lost(stack.owner_urls[SERVICE], progress)
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
        code = await _replay("--rebuild")
    with progress.step("Notifiers are ready"):
        await wait_until_ready("The notifiers are", stack.ready_urls[SERVICE])
    if code:
        progress.warn(
            "Something is not back; it is named above. What nobody can read stays away, as before. "
            "For the rest: put it right, and run this again."
        )
    return code


async def _ensure_nothing_is_lost(database_url: str, progress: Progress) -> None:
    try:
        connection = await asyncpg.connect(database_url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        # Which is why it is made anew.
        progress.warn(f"What is stored can't be compared with the log: {words_of(error)}")
        return
    await connection.close()
    code = await _replay("--rebuild", "--dry-run")
    if code == WOULD_LOSE:
        raise LaunchError(
            "The log lacks events that are in inboxes: it is younger than they are, or somebody "
            "whom the events named was erased. Restore a backup instead, or give up what is not in "
            "the log: --incomplete."
        )
    if code:
        raise LaunchError(
            "What is stored could not be compared with the log: see above. To make it anew from "
            "what the log has, whatever that is: --incomplete."
        )


async def _replay(*options: str) -> int:
    command, environment = command_of(SERVICE, ["replay", *options])
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=dict(environment))
    return await process.wait()

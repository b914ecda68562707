"""`circles rebuild notifier`: drop the notifier's database, and make it anew from the log."""

import asyncio

from launcher import jobs
from launcher.operating import command_of
from launcher.paths import ROOT, STATE
from launcher.processes import end_leftovers
from launcher.progress import Progress
from launcher.readiness import wait_until_ready
from launcher.running import running_stack
from launcher.standby import standing_by

# The one service whose tables say nothing that is not in the log.
SERVICE = "notifier"


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
        await wait_until_ready("The notifiers are", stack.ready_urls[SERVICE])
    if code:
        progress.warn(
            "Something is not back; it is named above. What nobody can read stays away, as before. "
            "For the rest: put it right, and run this again."
        )
    return code

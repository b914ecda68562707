"""`circles topology`: declare exchanges, queues and bindings, or look whether they are as declared.

Of the broker that MANAGEMENT_URL and ADMIN_AMQP_URL name, as the jobs' container has them; without
them, of the stack that runs from this checkout. `circles migrate` prepares the latter.
"""

import os
from collections.abc import Mapping

import aiohttp
from yarl import URL

from launcher.credentials import SERVICES
from launcher.errors import LaunchError
from launcher.jobs import prepare_broker
from launcher.progress import Progress
from launcher.running import running_stack
from shared.errors import words_of

AS_DECLARED, DIFFERS, UNKNOWN = 0, 1, 2


async def declare(progress: Progress) -> int:
    """Declare what is missing; what is there stays. Raises LaunchError."""
    _, amqp_url = broker_urls(os.environ)
    with progress.step("Queues are declared"):
        await prepare_broker(None, amqp_url, {})
    return AS_DECLARED


async def prepare(progress: Progress) -> None:
    """Give the broker of the stack that runs from this checkout what this version declares, and its
    services their rights; at a broker of the user's own, rights are the user's. Raises
    LaunchError."""
    stack = running_stack()
    users = {service: stack.environments[service]["AMQP_URL"] for service in SERVICES}
    with progress.step("The broker is prepared"):
        if stack.management_url is None:
            await prepare_broker(None, users["groups"], {})
        else:
            admin_url = _as_administrator(stack.management_url, users["groups"])
            await prepare_broker(stack.management_url, admin_url, users)


async def check(progress: Progress) -> int:
    """Say what is missing or different, and change nothing: the exit code tells whether all is as
    declared (0), something is not (1), or the broker could not be asked (2)."""
    from shared.rabbitmq.differences import differences

    try:
        management_url, amqp_url = broker_urls(os.environ)
        try:
            found = await differences(management_url, amqp_url)
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            raise LaunchError(
                f"RabbitMQ's management API at {URL(management_url).host}:"
                f"{URL(management_url).port} did not say what it has: {_without_url(error)}. "
                "See that it runs, and that the user of MANAGEMENT_URL has the tag policymaker or "
                "administrator."
            ) from error
    except LaunchError as error:
        progress.say(f"Not checked: {error}")
        return UNKNOWN
    for each in found:
        progress.say(each)
    if found:
        progress.say(
            f"{len(found)} not as declared. What to do: docs/runbook.md, Check the broker."
        )
        return DIFFERS
    progress.say("Exchanges, queues, bindings and policy are as declared.")
    return AS_DECLARED


def broker_urls(environment: Mapping[str, str]) -> tuple[str, str]:
    """The management API and the virtual host, both as administrator. Raises LaunchError."""
    if environment.get("ADMIN_AMQP_URL"):
        if not environment.get("MANAGEMENT_URL"):
            raise LaunchError("MANAGEMENT_URL is not set. Name the broker's management API.")
        return environment["MANAGEMENT_URL"], environment["ADMIN_AMQP_URL"]
    stack = running_stack()
    if stack.management_url is None:
        raise LaunchError(
            "The broker is one of your own. Set MANAGEMENT_URL (http://user:password@host:15672) "
            "and ADMIN_AMQP_URL (the virtual host) to name it."
        )
    amqp_url = stack.environments["groups"]["AMQP_URL"]
    return stack.management_url, _as_administrator(stack.management_url, amqp_url)


def _as_administrator(management_url: str, amqp_url: str) -> str:
    admin = URL(management_url)
    return str(URL(amqp_url).with_user(admin.user).with_password(admin.password))


def _without_url(error: Exception) -> str:
    """The words of `error`, without the URL, which holds a password."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"it answered {error.status}"
    return words_of(error)

"""Letting a program of one's own read the events of the stack that runs from this checkout."""

import secrets

from yarl import URL

from launcher import credentials
from launcher.errors import LaunchError
from launcher.running import running_stack


async def attach(name: str) -> str:
    """Make `name` a user of the broker that may read the log and nothing else; its AMQP URL, with
    a new password. Raises LaunchError."""
    from shared.rabbitmq.provision import provision_reader

    if name in (*credentials.SERVICES, "admin", "guest"):
        raise LaunchError(f"{name} is a user already. Choose another name.")
    stack = running_stack()
    if stack.management_url is None:
        raise LaunchError(
            "The broker is one of your own. Make the user there: docs/attach-a-service.md"
        )
    url = URL(stack.environments["groups"]["AMQP_URL"]).with_user(name)
    url = url.with_password(secrets.token_urlsafe(16))
    await provision_reader(stack.management_url, str(url))
    return str(url)

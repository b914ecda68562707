"""The jobs' addresses: each service has its own database and two roles, on the named server."""

import pytest

from launcher.credentials import NAMES
from launcher.errors import LaunchError
from launcher.jobs import database_urls, run_jobs


def test_owner_and_service_are_two_roles_on_the_servers_own_terms() -> None:
    secrets = {name: f"pw-{name}" for name in NAMES}

    urls = database_urls("postgresql://me:pw@db.example:6000/postgres?ssl=true", secrets, "chat")

    assert urls.owner == (
        "postgresql://circles_chat_owner:pw-postgres_chat_owner@db.example:6000/circles_chat?ssl=true"
    )
    assert urls.runtime == (
        "postgresql://circles_chat:pw-postgres_chat@db.example:6000/circles_chat?ssl=true"
    )


async def test_a_job_without_its_address_says_which() -> None:
    with pytest.raises(LaunchError, match="GROUPS_OWNER_URL"):
        await run_jobs({})

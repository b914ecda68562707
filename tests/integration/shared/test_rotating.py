"""Secrets made anew: the old ones open nothing, and what was remembered by them stays known."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
from yarl import URL

from launcher import credentials, rotating
from launcher.errors import LaunchError
from launcher.lock import held
from launcher.progress import Progress
from launcher.restore import with_carried
from launcher.rotating import change_postgres_password, change_rabbitmq_password, rotate
from shared.rabbitmq.provision import management_api
from tests.fixtures.servers import RUN, server_url

OLD, NEW = uuid4().hex, uuid4().hex


@pytest.fixture
async def administrator() -> AsyncIterator[str]:
    """Of PostgreSQL and of RabbitMQ: an administrator's name, with the old password."""
    name = f"{RUN}_admin_{uuid4().hex[:6]}"
    admin = await asyncpg.connect(server_url("TEST_DATABASE_URL"))
    try:
        await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{OLD}'")
        async with management_api(server_url("TEST_MANAGEMENT_URL")) as (http, api):
            body = {"password": OLD, "tags": "administrator"}
            await http.put(f"{api}/users/{name}", json=body)
            yield name
            await http.delete(f"{api}/users/{name}")
        await admin.execute(f"DROP ROLE {name}")
    finally:
        await admin.close()


async def test_an_administrator_of_postgresql_gets_in_by_the_new_one_alone(
    administrator: str,
) -> None:
    url = URL(server_url("TEST_DATABASE_URL")).with_user(administrator)
    await change_postgres_password(str(url.with_password(OLD)), NEW)
    await (await asyncpg.connect(str(url.with_password(NEW)))).close()
    with pytest.raises(LaunchError, match="did not take"):
        await change_postgres_password(str(url.with_password(OLD)), NEW)


async def test_an_administrator_of_rabbitmq_gets_in_by_the_new_one_alone(
    administrator: str,
) -> None:
    url = URL(server_url("TEST_MANAGEMENT_URL")).with_user(administrator)
    await change_rabbitmq_password(str(url.with_password(OLD)), NEW)
    async with management_api(str(url.with_password(NEW))) as (http, api):
        assert "administrator" in (await (await http.get(f"{api}/whoami")).json())["tags"]
    with pytest.raises(aiohttp.ClientResponseError):
        async with management_api(str(url.with_password(OLD))) as (http, api):
            await http.get(f"{api}/whoami")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(rotating, "STATE", tmp_path)
    monkeypatch.delenv("ERASURE_SECRET", raising=False)
    return tmp_path


async def test_the_erased_are_remembered_by_the_first_secret_however_often_it_changes(
    state: Path,
) -> None:
    first = dict(credentials.load(state))
    for _ in range(2):
        before = credentials.load(state)["service_secret"]
        await rotate(["service_secret", "postgres_chat"], Progress(quiet=True))
        now = dict(credentials.load(state))
        assert now.pop("service_secret") != before
        assert now.pop("erasure_secret") == first["service_secret"]
    assert now.pop("postgres_chat") != first["postgres_chat"]
    assert now.items() <= first.items()


async def test_nothing_is_rotated_under_a_running_system(state: Path) -> None:
    before = credentials.load(state)
    with held(state, "Circles"), pytest.raises(LaunchError, match="already running"):
        await rotate(["token_secret"], Progress(quiet=True))
    assert credentials.load(state) == before


def test_a_backup_brings_back_by_what_the_erased_were_remembered_then() -> None:
    old = {"token_secret": "t1", "service_secret": "s1", "ticket_secret": "c1"}
    now = {
        "token_secret": "t2",
        "service_secret": "s2",
        "ticket_secret": "c2",
        "erasure_secret": "s1",
        "postgres_admin": "p",
    }
    # Before the rotation: service_secret served, and does again.
    assert with_carried(now, old) == {**old, "postgres_admin": "p"}
    assert with_carried({**old, "postgres_admin": "q"}, now) == {**now, "postgres_admin": "q"}

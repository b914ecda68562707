"""A backup that is put back: everything as it was, and clients who know that time has gone back."""

import asyncio
import stat
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from yarl import URL

from launcher.backup import dump, write_private
from launcher.errors import LaunchError
from launcher.jobs import DatabaseUrls, prepare_databases
from launcher.restore import holding, put_back, read_backup
from tests.fixtures.servers import RUN, server_url

PASSWORD = "of-no-importance"


@dataclass(frozen=True)
class Place:
    """A notifier's database of the test's own."""

    admin: str
    urls: DatabaseUrls

    @property
    def as_admin(self) -> str:
        return str(URL(self.admin).with_path(URL(self.urls.owner).path))


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    admin = server_url("TEST_DATABASE_URL")
    name = f"{RUN}_backup_{uuid4().hex[:6]}"
    base = URL(admin).with_path(f"/{name}").with_password(PASSWORD)
    urls = DatabaseUrls(
        str(base.with_user(f"{name}_owner")), str(base.with_user(f"{name}_runtime"))
    )
    await prepare_databases(admin, {"notifier": urls})
    yield Place(admin, urls)
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"DROP ROLE IF EXISTS {name}_runtime, {name}_owner")
    finally:
        await connection.close()


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_what_was_backed_up_is_put_back_in_a_new_time(place: Place, tmp_path: Path) -> None:
    file, runtime = tmp_path / "notifier.dump", place.urls.runtime
    await run(
        runtime,
        "INSERT INTO store (epoch) VALUES (42)",
        "INSERT INTO mailboxes (user_id, last_seq) VALUES ('bob', 7)",
        "INSERT INTO outbox (event_id, type, body, published_at)"
        " VALUES (gen_random_uuid(), 'x', '', now())",
    )
    await dump(place.as_admin, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await run(
        runtime,
        "UPDATE mailboxes SET last_seq = 9",
        "INSERT INTO mailboxes (user_id) VALUES ('mallory')",
    )
    await put_back(place.admin, "notifier", place.urls, file)
    assert await value(runtime, "SELECT last_seq FROM mailboxes") == 7
    assert await value(runtime, "SELECT count(*) FROM store") == 0, "a new epoch is chosen"
    assert await value(runtime, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == 1
    # The service works in it as before: with rows, and with nothing else.
    await run(runtime, "INSERT INTO mailboxes (user_id) VALUES ('carol')")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(runtime, "CREATE TABLE mine ()")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(runtime, "DELETE FROM schema_migrations")
    await prepare_databases(place.admin, {"notifier": place.urls})


async def test_a_dump_is_of_one_moment_under_traffic(place: Place, tmp_path: Path) -> None:
    """Two rows that are always written together are never parted."""
    pair = (
        "INSERT INTO mailboxes (user_id) VALUES ('{n}')",
        "INSERT INTO presence VALUES ('{n}', now(), now())",
    )

    async def traffic() -> None:
        connection = await asyncpg.connect(place.urls.runtime)
        try:
            for number in range(10_000):
                async with connection.transaction():
                    for statement in pair:
                        await connection.execute(statement.format(n=number))
        finally:
            await connection.close()

    writing = asyncio.create_task(traffic())
    try:
        await dump(place.as_admin, tmp_path / "x.dump")
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    await put_back(place.admin, "notifier", place.urls, tmp_path / "x.dump")
    alone = (
        "SELECT count(*) FROM mailboxes m FULL JOIN presence p USING (user_id)"
        " WHERE m.user_id IS NULL OR p.user_id IS NULL"
    )
    assert await value(place.urls.runtime, alone) == 0


async def test_what_is_there_already_is_noticed(place: Place) -> None:
    databases: Mapping[str, DatabaseUrls] = {"notifier": place.urls}
    assert await holding(place.admin, databases) == []
    # What a notifier writes down as it starts is nobody's data.
    await run(place.urls.runtime, "INSERT INTO store (epoch) VALUES (42)")
    assert await holding(place.admin, databases) == []
    await run(place.urls.runtime, "INSERT INTO mailboxes (user_id) VALUES ('bob')")
    assert await holding(place.admin, databases) == ["notifier"]


async def test_a_broken_dump_is_refused_with_its_reason(place: Place, tmp_path: Path) -> None:
    write_private(tmp_path / "x.dump", "no dump at all")
    with pytest.raises(LaunchError, match="pg_restore failed"):
        await put_back(place.admin, "notifier", place.urls, tmp_path / "x.dump")


async def test_a_folder_that_is_no_whole_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="no whole backup"):
        read_backup(tmp_path)

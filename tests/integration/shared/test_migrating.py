"""Migrations beside traffic: one that finds a table in use steps back, and holds up nobody."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from shared.postgres import migrate as job
from shared.postgres.migrate import MigrationFailed, migrate
from shared.postgres.pool import OwnConnection
from tests.fixtures.postgres import ROOT, Databases, ServiceDatabase, migrations_of
from tests.fixtures.servers import RUN, server_url

COLUMN = "ALTER TABLE messages ADD COLUMN colour text"


@pytest.fixture
async def chats(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ServiceDatabase]:
    """Chat's database, which may be left with another schema. Nobody waits long for a lock."""
    monkeypatch.setattr(job, "LOCK_SECONDS", 0.2)
    monkeypatch.setattr(job, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(job, "TRIES", 3)
    databases = Databases(server_url("TEST_DATABASE_URL"), f"{RUN}_migrating")
    try:
        yield await databases.of("chat")
    finally:
        await databases.drop()


@pytest.fixture
async def owner(chats: ServiceDatabase) -> AsyncIterator[OwnConnection]:
    connection = await chats.connect()
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def reader(chats: ServiceDatabase) -> AsyncIterator[OwnConnection]:
    connection = await asyncpg.connect(chats.runtime_url)
    try:
        yield connection
    finally:
        await connection.close()


def next_one(folder: Path, statement: str, options: str = "") -> list[Path]:
    """The folders of chat's migrations, and one more file."""
    file = folder / "0901_change_something.sql"
    file.write_text(f"-- migrate:up{options}\n{statement};\n\n-- migrate:down\nSELECT 1;\n")
    return [*migrations_of(ROOT, "chat"), folder]


async def test_a_table_in_use_makes_a_migration_step_back_and_come_again(
    chats: ServiceDatabase,
    owner: OwnConnection,
    reader: OwnConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job, "TRIES", 30)
    async with reader.transaction():
        await reader.fetchval("SELECT count(*) FROM messages")
        migrating = asyncio.create_task(migrate(chats.owner_url, next_one(tmp_path, COLUMN)))
        async with asyncio.timeout(10):
            waited = 0
            while waited < 3:
                # Behind the one that waits for its lock, everybody waits: but not for long.
                began = asyncio.get_running_loop().time()
                await owner.fetchval("SELECT count(*) FROM messages")
                waited += asyncio.get_running_loop().time() - began > 0.05
                await asyncio.sleep(0)
        assert not migrating.done()
    await migrating
    assert await owner.fetchval("SELECT count(colour) FROM messages") == 0


async def test_a_table_that_stays_in_use_is_named_as_the_reason(
    chats: ServiceDatabase, reader: OwnConnection, tmp_path: Path
) -> None:
    async with reader.transaction():
        await reader.fetchval("SELECT count(*) FROM messages")
        with pytest.raises(MigrationFailed, match=r"lock timeout.*pg_stat_activity"):
            await migrate(chats.owner_url, next_one(tmp_path, COLUMN))
    await migrate(chats.owner_url, next_one(tmp_path, COLUMN))


async def test_an_index_that_was_left_half_built_is_built_anew(
    chats: ServiceDatabase, owner: OwnConnection, tmp_path: Path
) -> None:
    index = "CREATE UNIQUE INDEX CONCURRENTLY display_names_once ON display_names (name)"
    await owner.executemany(
        "INSERT INTO display_names VALUES ($1, 'Bob', now())", [("bob",), ("rob",)]
    )
    folders = next_one(tmp_path, index, " transaction:false")
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'display_names_once'::regclass"
    with pytest.raises(MigrationFailed, match="display_names_once"):
        await migrate(chats.owner_url, folders)
    assert await owner.fetchval(valid) is False
    await owner.execute("DELETE FROM display_names WHERE user_id = 'rob'")
    await migrate(chats.owner_url, folders)
    assert await owner.fetchval(valid) is True


async def test_another_failure_is_told_at_once(chats: ServiceDatabase, tmp_path: Path) -> None:
    with pytest.raises(MigrationFailed, match="does not exist"):
        await migrate(chats.owner_url, next_one(tmp_path, "ALTER TABLE nothing ADD COLUMN x text"))

"""Migrations run while the version before serves: none may lock it out, or take away what it
uses."""

from pathlib import Path

import pytest

from tests.architecture.migrations import breaches, numbered, sections
from tests.fixtures.postgres import ROOT, migrations_of

SERVICES = ("groups", "chat", "notifier")
FILES = sorted(
    {f for s in SERVICES for folder in migrations_of(ROOT, s) for f in folder.glob("*.sql")}
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_migration_can_run_while_the_version_before_serves(file: Path) -> None:
    assert breaches(file.read_text()) == []


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_have_an_order(service: str) -> None:
    assert numbered(migrations_of(ROOT, service)) == []


def up(statement: str, options: str = "") -> str:
    return f"-- migrate:up{options}\n{statement};\n\n-- migrate:down\nSELECT 1;\n"


FORBIDDEN = {
    "ALTER TABLE messages ALTER COLUMN seq TYPE integer": "rewrites",
    "ALTER TABLE messages ALTER seq SET DATA TYPE integer": "rewrites",
    "ALTER TABLE messages ADD COLUMN key uuid DEFAULT gen_random_uuid()": "rewrites",
    "ALTER TABLE messages ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY": "rewrites",
    "ALTER TABLE messages ADD COLUMN n bigint GENERATED ALWAYS AS (seq + 1) STORED": "rewrites",
    "ALTER TABLE messages SET UNLOGGED": "rewrites",
    "VACUUM FULL messages": "rewrites",
    "CREATE INDEX messages_by_type ON messages (type)": "blocks",
    "CREATE UNIQUE INDEX messages_by_type ON messages (type)": "blocks",
    "DROP INDEX messages_in_order": "blocks",
    "ALTER TABLE messages ALTER COLUMN metadata SET NOT NULL": "blocks",
    "ALTER TABLE messages ADD CONSTRAINT short CHECK (length(content) < 9)": "blocks",
    "ALTER TABLE messages ADD FOREIGN KEY (group_id) REFERENCES groups (id)": "blocks",
    "ALTER TABLE messages ADD CONSTRAINT one UNIQUE (seq)": "blocks",
    "ALTER TABLE messages ADD PRIMARY KEY (seq)": "blocks",
    "ALTER TABLE messages ADD COLUMN of uuid REFERENCES groups (id)": "blocks",
    "LOCK TABLE messages": "blocks",
    "REINDEX TABLE messages": "blocks",
    "UPDATE messages SET metadata = '{}'": "blocks",
    "DELETE FROM messages": "blocks",
    "ALTER TABLE messages ADD COLUMN colour text NOT NULL": "breaks",
    "ALTER TABLE messages DROP COLUMN metadata": "breaks",
    "ALTER TABLE messages RENAME COLUMN content TO body": "breaks",
    "ALTER TABLE messages RENAME TO posts": "breaks",
    "DROP TABLE messages": "breaks",
    "SET lock_timeout = 0": "waits",
}


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_what_would_lock_out_the_version_before_is_refused(statement: str) -> None:
    [breach] = breaches(up(statement))
    assert breach.startswith(FORBIDDEN[statement])
    reason = f"-- although it {FORBIDDEN[statement]} the table: it has a hundred rows"
    assert breaches(up(f"{reason}\n{statement}")) == []
    assert breaches(up(f"-- although it {FORBIDDEN[statement]} the table:\n{statement}")) != []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE messages ADD COLUMN colour text",
        "ALTER TABLE messages ADD COLUMN colour text NOT NULL DEFAULT 'red'",
        "ALTER TABLE messages ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now()",
        "ALTER TABLE messages ADD CONSTRAINT short CHECK (length(content) < 9) NOT VALID",
        "ALTER TABLE messages VALIDATE CONSTRAINT short",
        "ALTER TABLE messages ADD CONSTRAINT one UNIQUE USING INDEX messages_one",
        "CREATE TABLE colours (name text PRIMARY KEY);\nCREATE INDEX by_name ON colours (name)",
        "ALTER TABLE messages SET (fillfactor = 70)",
    ],
)
def test_what_disturbs_nobody_is_allowed(statement: str) -> None:
    assert breaches(up(statement)) == []


def test_an_index_is_built_beside_the_traffic_and_alone() -> None:
    index = "CREATE INDEX CONCURRENTLY messages_by_type ON messages (type)"
    assert breaches(up(index, " transaction:false")) == []
    assert len(breaches(up(index))) == 1
    assert len(breaches(up(f"{index};\nSELECT 1", " transaction:false"))) == 1
    assert len(breaches(up("SELECT 1", " transaction:false"))) == 1


def test_a_constraint_is_validated_after_the_lock_that_added_it() -> None:
    added = "ALTER TABLE messages ADD CONSTRAINT short CHECK (seq > 0) NOT VALID"
    assert len(breaches(up(f"{added};\nALTER TABLE messages VALIDATE CONSTRAINT short"))) == 1


def test_a_file_without_a_way_back_is_refused() -> None:
    assert len(breaches("-- migrate:up\nSELECT 1;\n")) == 1


def test_statements_are_told_apart_by_semicolons_that_end_them() -> None:
    sql = up("-- one; two\nSELECT ';';\nDO $$ BEGIN PERFORM 1; END $$")
    assert len(sections(sql)["up"].statements) == 2

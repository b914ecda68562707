"""A page is read from its place: it costs the same in a mailbox of ten entries and of thousands."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from services.notifier.storage import entries
from shared.postgres.pool import OwnConnection
from tests.fixtures.postgres import Databases

ENTRIES = 5000
LIMIT = 20
_FILL = """
WITH told AS (
    INSERT INTO events (id, type, title, message, data, created_at)
    SELECT gen_random_uuid(), 'message.new', 't', 'm', '{}', now() FROM generate_series(1, $1::int)
    RETURNING key
), mailbox AS (
    INSERT INTO mailboxes (user_id, last_seq, unread, total) VALUES ('full', $1, $1, $1)
    RETURNING id
)
INSERT INTO entries (mailbox_id, seq, event_key, is_read)
SELECT mailbox.id, row_number() OVER (ORDER BY key), key, false FROM told, mailbox
"""


@pytest.fixture
async def full(databases: Databases) -> AsyncIterator[OwnConnection]:
    """A connection that sees a full mailbox; nobody else does."""
    connection = await (await databases.of("notifier")).connect()
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(_FILL, ENTRIES)
        await connection.execute("ANALYZE entries, events, mailboxes")
        # As a statement that was prepared once, for everybody, is planned.
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        # A few thousand events are read as a whole sooner than looked up; millions are not.
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL enable_hashjoin = off")
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


async def rows_of(table: str, connection: OwnConnection, statement: str, *values: object) -> int:
    """How many rows of `table` the statement looks at."""
    said = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values)
    return sum(_rows_of(table, json.loads(said)[0]["Plan"]))


def _rows_of(table: str, step: dict[str, Any]) -> Iterator[int]:
    if step.get("Relation Name") == table:
        yield step["Actual Rows"] * step["Actual Loops"]
    for inner in step.get("Plans", ()):
        yield from _rows_of(table, inner)


async def test_the_first_page_looks_at_no_more_than_it_shows(full: OwnConnection) -> None:
    asked = ("full", False, LIMIT, 0)
    assert await rows_of("entries", full, entries._PAGE_OF_ALL, *asked) == LIMIT


async def test_the_first_page_of_a_type_looks_at_no_more_than_it_shows(full: OwnConnection) -> None:
    asked = ("full", True, LIMIT, 0, "message.new")
    assert await rows_of("entries", full, entries._PAGE_OF_TYPE, *asked) == LIMIT


async def test_a_late_page_passes_over_entries_without_their_events(full: OwnConnection) -> None:
    asked = ("full", False, LIMIT, ENTRIES - 50)
    assert await rows_of("events", full, entries._PAGE_OF_ALL, *asked) == LIMIT

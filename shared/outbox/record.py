"""Recording facts in the caller's transaction."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from shared import failpoints, trace_context
from shared.events.envelope import Event, encode, new_event
from shared.events.fact import Fact
from shared.postgres.pool import Connection, Database


def insert_from(parameter: int) -> str:
    """The statement that records `columns`, given from this parameter on: alone, or in a larger one
    that so saves a round trip."""
    types = ("uuid", "text", "uuid", "bytea")
    given = ", ".join(f"${n}::{type_}[]" for n, type_ in enumerate(types, start=parameter))
    return f"INSERT INTO outbox (event_id, type, subject, body) SELECT * FROM unnest({given})"  # noqa: S608


_INSERT = insert_from(1)
_OLDEST = """
SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 FROM outbox
WHERE published_at IS NULL ORDER BY id LIMIT 1
"""


async def record(
    connection: Connection, *facts: Fact, traces: Sequence[str | None] | None = None
) -> list[Event]:
    """Record `facts` in the open transaction of `connection`; they are published once it commits.

    Each belongs to the trace of the call or event being handled, or, where one transaction serves
    several, to the one of `traces` in its place.

    Facts of one group keep their order only if the caller holds that group's row lock before it
    records: the lock makes the order of ids the order of commits.
    """
    events = events_of(facts, traces)
    await connection.execute(_INSERT, *columns(events))
    return events


def events_of(facts: Sequence[Fact], traces: Sequence[str | None] | None = None) -> list[Event]:
    """What `record` records, for a statement that does so itself."""
    if traces is None:
        traces = [trace_context.current()] * len(facts)
    return [new_event(fact, trace) for fact, trace in zip(facts, traces, strict=True)]


def columns(events: Sequence[Event]) -> tuple[list[object], ...]:
    """The parameters of `insert_from`."""
    return (
        [event.id for event in events],
        [event.type for event in events],
        [event.fact.subject for event in events],
        [encode(event) for event in events],
    )


class Outbox:
    """Transactions that may record facts. Their commit wakes the relay in process: a NOTIFY inside
    the writing transaction would serialize all commits (measured: 11.7 → 3.2 thousand a second)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.committed = asyncio.Event()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction; its commit wakes the relay. Raises DatabaseAway."""
        async with self._database.transaction() as connection:
            yield connection
            await failpoints.reached("transaction.written")
        await self._wake_relay()

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        """For a single statement that may record facts, and is a transaction of its own: two round
        trips less. Raises DatabaseAway."""
        async with self._database.connection() as connection:
            yield connection
        await self._wake_relay()

    async def oldest_age(self) -> float | None:
        """How long the oldest unpublished fact has been waiting, in seconds; None when none waits.
        Raises DatabaseAway."""
        async with self._database.connection() as connection:
            age: float | None = await connection.fetchval(_OLDEST)
        return age

    async def _wake_relay(self) -> None:
        await failpoints.reached("transaction.committed")
        self.committed.set()

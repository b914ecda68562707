"""The notifier's database is gone, or not yet what it must be: no event pays for it."""

from collections.abc import Sequence

import pytest
from yarl import URL

from shared.events.envelope import Event
from shared.postgres.pool import OwnConnection
from shared.rabbitmq.parked import opened_parked
from shared.rabbitmq.topology import SERVICE_QUEUES
from shared.web.app import HEALTH
from tests.builders import a_group, a_message_sent
from tests.fixtures.postgres import Databases
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Start, Told

# Each of them is how a store looks while it is restored or migrated, and what ends it.
_UNFINISHED = {
    "a column is missing": (
        "ALTER TABLE events RENAME COLUMN title TO later",
        "ALTER TABLE events RENAME COLUMN later TO title",
    ),
    "an index is missing": (
        "ALTER TABLE events DROP CONSTRAINT events_id_key",
        "ALTER TABLE events ADD UNIQUE (id)",
    ),
    "a right is missing": (
        "REVOKE ALL ON events FROM {runtime}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON events TO {runtime}",
    ),
}


async def waits_for_its_database(notifier: Replica) -> None:
    await eventually(lambda: "database" in notifier.app[HEALTH].missing.get("consumer", ""))


async def all_stored(connection: OwnConnection, told: Sequence[Event]) -> None:
    async def now() -> bool:
        rows = await connection.fetch("SELECT id FROM events ORDER BY key")
        return [row["id"] for row in rows] == [event.id for event in told]

    await eventually(now)


async def none_parked(broker: Broker) -> None:
    async with opened_parked(broker.url_of("notifier"), SERVICE_QUEUES["notifier"]) as parked:
        assert await parked.all() == []


async def test_while_the_database_is_gone_events_wait_and_none_is_parked(
    databases: Databases, broker: Broker, notifier: Replica, tell: Told
) -> None:
    await databases.drop_database("notifier")
    group = a_group()
    told = await tell(*(a_message_sent(group, seq) for seq in (1, 2, 3)))
    await waits_for_its_database(notifier)
    connection = await (await databases.of("notifier")).connect()
    try:
        await all_stored(connection, told)
    finally:
        await connection.close()
    await none_parked(broker)


@pytest.mark.parametrize("lacking", _UNFINISHED)
async def test_while_the_schema_is_not_finished_events_wait_and_none_is_parked(
    databases: Databases, broker: Broker, start: Start, tell: Told, lacking: str
) -> None:
    database = await databases.of("notifier")
    notifier = await start()
    runtime = URL(database.runtime_url).user
    unfinished, finished = (sql.format(runtime=runtime) for sql in _UNFINISHED[lacking])
    group = a_group()
    owner = await database.connect()
    try:
        await owner.execute(unfinished)
        try:
            told = await tell(*(a_message_sent(group, seq) for seq in (1, 2, 3)))
            await waits_for_its_database(notifier)
        finally:
            await owner.execute(finished)
        await all_stored(owner, told)
    finally:
        await owner.close()
    await none_parked(broker)

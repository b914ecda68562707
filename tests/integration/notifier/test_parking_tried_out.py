"""The runbook's exercise with a parked event: by its own statements, it succeeds in the end."""

import re
from collections.abc import AsyncIterator

import pytest

from launcher.paths import ROOT
from shared.postgres.pool import OwnConnection
from shared.rabbitmq.parked import Parked, opened_parked
from shared.rabbitmq.topology import SERVICE_QUEUES
from tests.builders import a_message_sent
from tests.fixtures.postgres import Databases
from tests.fixtures.rabbitmq import Broker
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Stored, Told
from tests.integration.notifier.people import Reader

QUEUE = SERVICE_QUEUES["notifier"]
STATEMENTS = re.findall(
    r'^make psql service=notifier <<< "(ALTER TABLE .*)"$',
    (ROOT / "docs/runbook.md").read_text(),
    re.MULTILINE,
)


@pytest.fixture
async def owner(databases: Databases) -> AsyncIterator[OwnConnection]:
    """Who `make psql` is; nothing of the exercise stays behind."""
    connection = await (await databases.of("notifier")).connect()
    try:
        yield connection
    finally:
        await connection.execute("ALTER TABLE events DROP CONSTRAINT IF EXISTS try_out")
        await connection.close()


async def test_what_was_parked_is_told_when_it_is_retried_behind_what_went_on(
    bob: Reader, tell: Told, stored: Stored, broker: Broker, owner: OwnConnection
) -> None:
    spoil, mend = STATEMENTS
    await owner.execute(spoil)
    condemned, fine = await tell(
        a_message_sent(seq=1, content="Park me"), a_message_sent(seq=2, content="Told at once")
    )
    await stored("bob", 1)
    found: list[Parked] = []

    async def is_parked() -> bool:
        async with opened_parked(broker.url_of("notifier"), QUEUE) as parked:
            found[:] = await parked.all()
        return bool(found)

    await eventually(is_parked)
    assert [each.event_id for each in found] == [str(condemned.id)]
    assert "try_out" in found[0].reason
    # What people wrote is for whoever asks for it by `parked show`.
    assert "Park me" not in found[0].reason

    await owner.execute(mend)
    async with opened_parked(broker.url_of("notifier"), QUEUE) as parked:
        await parked.retry(lambda _: True, lambda _: None)
    await stored("bob", 2)
    assert [entry["eventId"] for entry in await bob.inbox()] == [str(condemned.id), str(fine.id)]
    assert not await is_parked()

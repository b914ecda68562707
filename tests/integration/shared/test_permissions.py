"""Each service may do what it needs, and no more: at the broker and at the database."""

import aio_pika
import asyncpg
import pytest

from shared.outbox.record import record
from shared.postgres.migrate import MigrationFailed, migrate
from shared.postgres.provision import provision_database
from shared.rabbitmq.topology import declare_topology
from tests.access import broker as at_the_broker
from tests.access import databases as at_the_databases
from tests.builders import a_message_sent
from tests.fixtures.postgres import ROOT, Databases
from tests.fixtures.rabbitmq import READER, SERVICES, Broker
from tests.fixtures.servers import server_url


@pytest.mark.parametrize("who", [*SERVICES, READER])
async def test_a_service_may_do_at_the_broker_what_it_needs_and_no_more(
    broker: Broker, who: str
) -> None:
    await broker.purge()
    wrong = []
    async with await aio_pika.connect(broker.url_of(who)) as connection:
        for line in at_the_broker.CHANNELS:
            # Each on a channel of its own: a refusal closes it.
            if line.who == who and not await line.holds(await connection.channel()):
                wrong.append(str(line))
    for refused in at_the_broker.CONNECTIONS:
        if refused.who == who and not await refused.holds(broker.url_of(who)):
            wrong.append(str(refused))
    await broker.purge()
    assert not wrong, f"not so: {wrong}"


async def test_declaring_the_topology_again_changes_nothing(broker: Broker) -> None:
    await declare_topology(broker.admin_url)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_may_do_at_its_database_what_it_needs_and_no_more(
    databases: Databases, service: str
) -> None:
    made = {each: await databases.of(each) for each in SERVICES}
    owners = {each: database.owner_url for each, database in made.items()}
    wrong = []
    for who, url in (
        (service, made[service].runtime_url),
        (f"owner of {service}", made[service].owner_url),
    ):
        connection = await asyncpg.connect(url)
        try:
            roles = [line for line in at_the_databases.ROLES if line.who == who]
            wrong += [str(line) for line in roles if not await line.holds(connection)]
        finally:
            await connection.close()
        everywhere = at_the_databases.with_role_of(url, owners)
        connections = [line for line in at_the_databases.CONNECTIONS if line.who == who]
        wrong += [str(line) for line in connections if not await line.holds(everywhere)]
    assert not wrong, f"not so: {wrong}"


async def test_the_jobs_may_run_again(databases: Databases) -> None:
    chat = await databases.of("chat")
    owner = await chat.connect()
    try:
        await record(owner, a_message_sent())
        before = await owner.fetch("SELECT version FROM schema_migrations ORDER BY version")
        await provision_database(server_url("TEST_DATABASE_URL"), chat.owner_url, chat.runtime_url)
        folders = [ROOT / "shared/outbox/migrations", ROOT / "services/chat/migrations"]
        await migrate(chat.owner_url, folders)
        after = await owner.fetch("SELECT version FROM schema_migrations ORDER BY version")
        assert before == after
        assert await owner.fetchval("SELECT count(*) FROM outbox") == 1
    finally:
        await owner.close()


async def test_a_migration_that_fails_says_why(databases: Databases) -> None:
    groups = await databases.of("groups")
    with pytest.raises(MigrationFailed, match="permission denied"):
        await migrate(groups.runtime_url, [ROOT / "services/notifier/migrations"])

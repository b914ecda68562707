"""At the databases: the role that a service runs as, and the one that owns and migrates."""

from collections.abc import Awaitable, Callable, Mapping

import asyncpg
from yarl import URL

from shared.postgres.pool import OwnConnection
from tests.access.broker import whose
from tests.access.table import Access
from tests.fixtures.rabbitmq import SERVICES

OnConnection = Callable[[OwnConnection], Awaitable[object]]

# A table of each service besides those that all have.
_TABLES = {"groups": "groups", "chat": "messages", "notifier": "mailboxes"}


def run(statement: str) -> OnConnection:
    return lambda connection: connection.execute(statement)


def _rows(service: str) -> Mapping[str, OnConnection]:
    table = _TABLES[service]
    return {
        "read the rows of its tables": run(f"SELECT count(*) FROM {table}"),
        "change the rows of its tables": run(f"DELETE FROM {table} WHERE false"),
        "record events": run("UPDATE outbox SET published_at = now() WHERE false"),
    }


def _beyond_rows(service: str) -> Mapping[str, OnConnection]:
    table = _TABLES[service]
    return {
        "create a table": run("CREATE TABLE mine (id int)"),
        "create a temporary table": run("CREATE TEMPORARY TABLE mine (id int)"),
        "create a schema": run("CREATE SCHEMA mine"),
        "create a function": run("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        "alter a table": run("ALTER TABLE outbox ADD COLUMN mine int"),
        "create an index": run("CREATE INDEX ON outbox (type)"),
        "create a trigger": run(
            f"CREATE TRIGGER mine BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
        "drop a table": run(f"DROP TABLE {table} CASCADE"),
        "empty a table at one stroke": run(f"TRUNCATE {table} CASCADE"),
        "read what was migrated": run("SELECT * FROM schema_migrations"),
        "forget what was migrated": run("DELETE FROM schema_migrations WHERE false"),
        **_beyond_the_database(),
    }


def _beyond_the_database() -> Mapping[str, OnConnection]:
    return {
        "create a role": run("CREATE ROLE mine"),
        "create a database": run("CREATE DATABASE mine"),
        "become a superuser": run("ALTER ROLE CURRENT_USER SUPERUSER"),
        "read passwords": run("SELECT rolpassword FROM pg_authid"),
        "read a file of the server": run("SELECT pg_read_file('PG_VERSION')"),
        "write a file of the server": run("COPY outbox TO '/tmp/circles-was-here'"),
        "run a program on the server": run("COPY outbox FROM PROGRAM 'true'"),
        "change the server's settings": run("ALTER SYSTEM SET log_statement = 'all'"),
    }


_MIGRATING = {"create and drop tables": run("CREATE TABLE mine (); DROP TABLE mine")}

ROLES = [
    Access(who, what, may, attempt)
    for service in SERVICES
    for who, may, attempts in (
        (service, True, _rows(service)),
        (service, False, _beyond_rows(service)),
        (f"owner of {service}", True, _MIGRATING),
        (f"owner of {service}", False, _beyond_the_database()),
    )
    for what, attempt in attempts.items()
]


def into(other: str) -> Callable[[Mapping[str, str]], Awaitable[object]]:
    """Connecting to the database of `other`, with the URLs of all databases as one's own role."""

    async def attempt(urls: Mapping[str, str]) -> None:
        await (await asyncpg.connect(urls[other])).close()

    return attempt


def with_role_of(mine: str, others: Mapping[str, str]) -> Mapping[str, str]:
    """The URLs by which the role of `mine` would come into the databases of all services."""
    return {service: str(URL(mine).with_path(URL(url).path)) for service, url in others.items()}


CONNECTIONS = [
    Access(who, f"connect to {whose(other)} database", other == service, into(other))
    for service in SERVICES
    for who in (service, f"owner of {service}")
    for other in SERVICES
]

"""One-shot job: the database of one service and its two roles.

The owner migrates; the runtime role reads and writes rows, can change no table, and can't touch
what was migrated. Neither can connect to another service's database.
"""

import asyncpg
from yarl import URL

from shared.postgres.pool import OwnConnection


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


async def provision_database(admin_url: str, owner_url: str, runtime_url: str) -> None:
    """Create the roles and the database that the two URLs name; safe to repeat.

    `admin_url` needs the right to create roles and databases. Passwords become those in the URLs.
    """
    owner, runtime = URL(owner_url), URL(runtime_url)
    database = _identifier(owner.path.lstrip("/"))
    admin = await asyncpg.connect(admin_url)
    try:
        for role in (owner, runtime):
            await _ensure_role(admin, role.user or "", role.password or "")
        # Managed servers' admins are not superusers: to create for a role they must be in it.
        await admin.execute(f"GRANT {_identifier(owner.user or '')} TO CURRENT_USER")
        if not await admin.fetchval(
            "SELECT true FROM pg_database WHERE datname = $1", owner.path.lstrip("/")
        ):
            await admin.execute(
                f"CREATE DATABASE {database} OWNER {_identifier(owner.user or '')} "
                "ENCODING 'UTF8' TEMPLATE template0"
            )
        await admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        await admin.execute(
            f"GRANT CONNECT ON DATABASE {database} TO {_identifier(runtime.user or '')}"
        )
    finally:
        await admin.close()
    await _shut_schema(admin_url, owner)
    await _grant_rows(owner_url, runtime.user or "")


async def _ensure_role(admin: OwnConnection, name: str, password: str) -> None:
    exists = await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    verb = "ALTER" if exists else "CREATE"
    await admin.execute(f"{verb} ROLE {_identifier(name)} LOGIN PASSWORD {_literal(password)}")


async def _shut_schema(admin_url: str, owner: URL) -> None:
    """Before PostgreSQL 15 everybody may create tables in `public`: only the owner shall."""
    admin = await asyncpg.connect(str(URL(admin_url).with_path(owner.path)))
    try:
        await admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        await admin.execute(
            f"GRANT USAGE, CREATE ON SCHEMA public TO {_identifier(owner.user or '')}"
        )
    finally:
        await admin.close()


async def _grant_rows(owner_url: str, runtime: str) -> None:
    """Let the runtime role work on the rows of every table that the owner will ever create."""
    role = _identifier(runtime)
    owner = await asyncpg.connect(owner_url)
    try:
        await owner.execute(
            f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}"
        )
        await owner.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {role}")
        # dbmate's, made before it comes to it: a table that it makes would be the role's to write,
        # and who takes a line out of it has a migration run again.
        await owner.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (version varchar PRIMARY KEY)"
        )
        await owner.execute(f"REVOKE ALL ON schema_migrations FROM {role}")
    finally:
        await owner.close()

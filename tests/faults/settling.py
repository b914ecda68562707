"""Waiting until everything that happened has reached everybody: outboxes and queues are empty."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import aiormq
import asyncpg

from tests.faults.readers import Reader
from tests.faults.servers import SERVICES, Servers
from tests.faults.traffic import Group, Traffic

SETTLE_SECONDS = 45.0
PAUSE_SECONDS = 0.1
# What a service only remembers as yet becomes an event within this time: the watermarks of what was
# written to streams are stored after 50 ms.
STILL_SECONDS = 0.5

_UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
_NEWEST = "SELECT coalesce(max(id), 0) FROM outbox"
_OWED = "SELECT count(*) FROM pending_receipts"
_TOLD = """
SELECT event_id AS id FROM outbox WHERE subject = ANY($1::uuid[])
  AND convert_from(body, 'UTF8')::jsonb #> '{data,audience}' <> '[]'
"""
_STORED = "SELECT id FROM events WHERE group_id = ANY($1::uuid[])"
_PUBLISHED = "SELECT event_id AS id FROM outbox WHERE subject = ANY($1::uuid[])"
_COPIED = "SELECT event_id AS id FROM handled_events"
_MADE = "SELECT id FROM groups WHERE created_by = $1"
_TOPS = "SELECT user_id, last_seq FROM mailboxes WHERE user_id = ANY($1::text[])"

_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def settled(servers: Servers, traffic: Traffic, seconds: float = SETTLE_SECONDS) -> str:
    """Return once nothing is on its way any more: empty, or after `seconds` what still is."""
    left = "nothing was looked at"
    try:
        async with asyncio.timeout(seconds):
            while left := await _on_its_way(servers, traffic) or await _stirring(servers):  # noqa: ASYNC110
                await asyncio.sleep(PAUSE_SECONDS)
    except TimeoutError:
        return left
    return ""


async def _learn_groups(servers: Servers, traffic: Traffic) -> None:
    """Groups whose making was not answered may exist: then all promises hold for them as well."""
    gatherer = traffic.gatherer
    async with servers.connected("groups") as connection:
        rows = await connection.fetch(_MADE, gatherer.user_id)
    made = {str(row["id"]) for row in rows}
    gatherer.missing = gatherer.acknowledged - made
    members = (gatherer.user_id, gatherer.guest_id)
    known = {group.id for group in traffic.groups}
    traffic.groups += [Group(id_, members) for id_ in sorted(made - known)]


async def _on_its_way(servers: Servers, traffic: Traffic) -> str:
    try:
        await _learn_groups(servers, traffic)
        return await _in_tables(servers, traffic) or await _in_queues(servers)
    except (*_AWAY, aiormq.exceptions.AMQPError) as error:
        return f"{type(error).__name__}: {error}"


async def _stirring(servers: Servers) -> str:
    """Whether events are still made: then something was on its way that no table knew of."""
    try:
        before = await _newest(servers)
        await asyncio.sleep(STILL_SECONDS)
        return "events are still made" if await _newest(servers) != before else ""
    except _AWAY as error:
        return f"{type(error).__name__}: {error}"


async def _newest(servers: Servers) -> Sequence[int]:
    found = []
    for service in SERVICES:
        async with servers.connected(service) as connection:
            found.append(await connection.fetchval(_NEWEST))
    return found


async def _in_queues(servers: Servers) -> str:
    waiting = await servers.waiting()
    full = {name: n for name, n in waiting.items() if n and not name.endswith(".parked")}
    return f"queues hold {full}" if full else ""


async def _in_tables(servers: Servers, traffic: Traffic) -> str:
    groups = [UUID(group.id) for group in traffic.groups]
    told: set[object] = set()
    published: set[object] = set()
    for service in SERVICES:
        async with servers.connected(service) as connection:
            if count := await connection.fetchval(_UNPUBLISHED):
                return f"{count} events in the outbox of {service}"
            if service == "chat" and (count := await connection.fetchval(_OWED)):
                return f"{count} receipts owed"
            if service == "groups":
                published = {r["id"] for r in await connection.fetch(_PUBLISHED, groups)}
            if service == "chat":
                published -= {r["id"] for r in await connection.fetch(_COPIED)}
            if service == "notifier":
                told -= {r["id"] for r in await connection.fetch(_STORED, groups)}
                behind = await _behind(connection, traffic.readers)
            else:
                told |= {r["id"] for r in await connection.fetch(_TOLD, groups)}
    if published or told:
        return f"{len(told)} events not stored, {len(published)} not copied"
    return f"{behind} readers have not read everything" if behind else ""


async def _behind(
    connection: "asyncpg.Connection[asyncpg.Record]", readers: Sequence[Reader]
) -> int:
    rows = await connection.fetch(_TOPS, [reader.seen.user_id for reader in readers])
    tops = {row["user_id"]: row["last_seq"] for row in rows}
    return sum(reader.seen.position < tops.get(reader.seen.user_id, 0) for reader in readers)

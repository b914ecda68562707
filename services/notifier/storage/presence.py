"""Presence: which streams live on which replica, and when people were last seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.postgres.pool import Connection

LEASE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Presence:
    user_id: str
    online: bool
    last_seen: datetime | None


async def renew_lease(connection: Connection, replica: str) -> bool:
    """Say that `replica` lives; True if it had no lease before."""
    return bool(
        await connection.fetchval(
            "INSERT INTO replicas (name, alive_until)"
            " VALUES ($1, now() + make_interval(secs => $2))"
            " ON CONFLICT (name) DO UPDATE SET alive_until = excluded.alive_until"
            # No row version was replaced: the row is new.
            " RETURNING xmax = 0",
            replica,
            LEASE_SECONDS,
        )
    )


async def count_others(connection: Connection, replica: str) -> int:
    """How many other replicas live."""
    return int(
        await connection.fetchval(
            "SELECT count(*) FROM replicas WHERE name <> $1 AND alive_until > now()", replica
        )
    )


async def insert_sessions(
    connection: Connection, replica: str, sessions: Sequence[tuple[UUID, str, datetime]]
) -> None:
    """Note streams that opened here, as (id, user, time)."""
    await connection.execute(
        "INSERT INTO stream_sessions (id, user_id, replica, opened_at)"
        " SELECT id, user_id, $1, opened_at"
        " FROM unnest($2::uuid[], $3::text[], $4::timestamptz[]) AS s (id, user_id, opened_at)"
        " ON CONFLICT DO NOTHING",
        replica,
        [session[0] for session in sessions],
        [session[1] for session in sessions],
        [session[2] for session in sessions],
    )


async def delete_sessions(connection: Connection, ids: Sequence[UUID]) -> None:
    await connection.execute("DELETE FROM stream_sessions WHERE id = ANY($1::uuid[])", ids)


async def seen(connection: Connection, user_ids: Sequence[str], online_seconds: float) -> None:
    """These people were here now, and count as online for `online_seconds` more."""
    await connection.execute(
        "INSERT INTO presence AS p (user_id, last_seen, online_until)"
        " SELECT user_id, now(), now() + make_interval(secs => $2)"
        " FROM unnest($1::text[]) AS user_id ORDER BY user_id"
        " ON CONFLICT (user_id) DO UPDATE SET last_seen = excluded.last_seen,"
        " online_until = greatest(p.online_until, excluded.online_until)",
        user_ids,
        online_seconds,
    )


async def beyond_cap(
    connection: Connection, user_ids: Sequence[str], cap: int
) -> list[tuple[UUID, str]]:
    """The oldest streams of those users who have more than `cap`, as (stream, replica)."""
    rows = await connection.fetch(
        "SELECT id, replica FROM (SELECT s.id, s.replica, row_number() OVER"
        " (PARTITION BY s.user_id ORDER BY s.opened_at DESC, s.id) AS nth FROM stream_sessions s"
        " WHERE s.user_id = ANY($1::text[])) AS ranked WHERE nth > $2",
        user_ids,
        cap,
    )
    return [(row["id"], row["replica"]) for row in rows]


async def end_lease(connection: Connection, replica: str) -> None:
    """This replica stops: others may bury it now."""
    await connection.execute(
        "UPDATE replicas SET alive_until = now() - interval '1 second' WHERE name = $1", replica
    )


async def bury_dead_replicas(connection: Connection) -> None:
    """Take the streams of replicas whose lease has run out off the books."""
    await connection.execute(
        """
        WITH dead AS (DELETE FROM replicas WHERE alive_until < now() RETURNING name, alive_until),
        gone AS (
            DELETE FROM stream_sessions s USING dead WHERE s.replica = dead.name
            RETURNING s.user_id, dead.alive_until
        )
        INSERT INTO presence AS p (user_id, last_seen, online_until)
        SELECT user_id, max(alive_until), max(alive_until) FROM gone GROUP BY user_id
        ON CONFLICT (user_id) DO UPDATE SET last_seen = greatest(p.last_seen, excluded.last_seen)
        """
    )


async def of_users(connection: Connection, user_ids: Sequence[str]) -> list[Presence]:
    """Who is online, and when each was last seen (now, while online; None if never)."""
    rows = await connection.fetch(
        """
        SELECT w.user_id, online, CASE WHEN online THEN now() ELSE p.last_seen END AS last_seen
        FROM unnest($1::text[]) WITH ORDINALITY AS w (user_id, place)
        LEFT JOIN presence p ON p.user_id = w.user_id COLLATE "C"
        CROSS JOIN LATERAL (SELECT coalesce(p.online_until > now(), false) OR EXISTS (
            SELECT FROM stream_sessions s JOIN replicas r ON r.name = s.replica
            WHERE s.user_id = w.user_id COLLATE "C" AND r.alive_until > now()) AS online) AS o
        ORDER BY w.place
        """,
        user_ids,
    )
    return [Presence(**row) for row in rows]

"""The table of erasures: who was erased, until when, and what it came to. A connection comes first;
nobody here begins or commits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.postgres.pool import Connection

# What is left of a name.
NAME = "Deleted account"
# Facts that are on their way when somebody is erased are dated up to so much later, on clocks that
# differ.
ON_THE_WAY = timedelta(minutes=1)

_BEGIN = """
INSERT INTO erasures (id, person, user_id, erased_until) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
_STATE = """
SELECT (SELECT max(erased_until) FROM erasures) AS latest,
       EXISTS (SELECT FROM erasures WHERE finished_at IS NULL) AS at_work
"""
_AT_WORK = """
SELECT id, user_id, erased_until AS until, begun_at FROM erasures
WHERE finished_at IS NULL ORDER BY begun_at LIMIT $1
"""
_COUNT = """
UPDATE erasures SET erased = erased || jsonb_build_object(
    $2::text, coalesce((erased ->> $2)::bigint, 0) + $3::bigint)
WHERE id = $1
"""
_FINISH = """
UPDATE erasures SET finished_at = now(), user_id = NULL
WHERE id = $1 AND finished_at IS NULL RETURNING erased::text
"""
_AMONG = """
SELECT person, id, erased_until FROM erasures WHERE person = ANY($1::bytea[])
ORDER BY erased_until
"""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Somebody to be erased here. `begun_at`, by the database's clock, it was noted; facts from
    before `until` are of them."""

    id: UUID
    user_id: str
    until: datetime
    begun_at: datetime

    @property
    def pseudonym(self) -> str:
        return pseudonym(self.id)

    @property
    def token(self) -> str:
        """The user id as it stands in JSON."""
        return json.dumps(self.user_id)

    @property
    def age(self) -> timedelta:
        return datetime.now(UTC) - self.begun_at


@dataclass(frozen=True, slots=True)
class Remembered:
    """Somebody who was erased; facts from before `until` must not bring them back."""

    pseudonym: str
    until: datetime


def pseudonym(erasure_id: UUID) -> str:
    """Who the erased person is from then on: nobody, and not the same nobody as another time."""
    return f"erased-{erasure_id.hex}"


async def begin(
    connection: Connection, erasure_id: UUID, person: bytes, user_id: str, moment: datetime
) -> bool:
    """Note that `user_id` is to be erased; False when this erasure was noted before. `moment` is
    when that was said, which may be long ago: somebody may have come back since."""
    until = moment + ON_THE_WAY
    done: str = await connection.execute(_BEGIN, erasure_id, person, user_id, until)
    return done.endswith(" 1")


async def present(connection: Connection, person: bytes) -> UUID | None:
    """The erasure of this person that is at work here."""
    found: UUID | None = await connection.fetchval(
        "SELECT id FROM erasures WHERE person = $1 AND finished_at IS NULL", person
    )
    return found


async def at_work(connection: Connection, at_most: int) -> list[Erasure]:
    """Those that are not finished here, oldest first."""
    rows = await connection.fetch(_AT_WORK, at_most)
    return [Erasure(**row) for row in rows]


async def count(connection: Connection, erasure_id: UUID, what: str, number: int) -> None:
    """So many more of `what` are erased."""
    await connection.execute(_COUNT, erasure_id, what, number)


async def finish(connection: Connection, erasure_id: UUID) -> dict[str, int] | None:
    """Nothing of the person is left here: forget the id, and tell what was erased. None when
    somebody else has finished it."""
    erased: str | None = await connection.fetchval(_FINISH, erasure_id)
    return None if erased is None else json.loads(erased)


async def state(connection: Connection) -> tuple[datetime | None, bool]:
    """The moment before which facts may name somebody who was erased, and whether an erasure is at
    work here."""
    row = await connection.fetchrow(_STATE)
    assert row is not None, "a row without a table"
    return row["latest"], row["at_work"]


async def among(connection: Connection, people: Mapping[bytes, str]) -> dict[str, Remembered]:
    """Those of `people` (user ids by hash) who were ever erased, by user id: the last time."""
    rows = await connection.fetch(_AMONG, list(people))
    return {
        people[row["person"]]: Remembered(pseudonym(row["id"]), row["erased_until"]) for row in rows
    }


async def remove_told(connection: Connection, at_most: int) -> int:
    """Remove published facts that name the erased; answers how many."""
    return int(
        await connection.fetchval(
            "WITH gone AS (DELETE FROM outbox WHERE id IN ("
            " SELECT id FROM outbox WHERE type LIKE '%.person.erased.v1'"
            " AND published_at IS NOT NULL ORDER BY id LIMIT $1) RETURNING 1)"
            " SELECT count(*) FROM gone",
            at_most,
        )
    )


async def outbox_end(connection: Connection, after: int, at_most: int) -> int | None:
    """The last of the `at_most` ids in the outbox that follow `after`; None at the end."""
    end: int | None = await connection.fetchval(
        "SELECT max(id) FROM (SELECT id FROM outbox WHERE id > $1 ORDER BY id LIMIT $2) AS next",
        after,
        at_most,
    )
    return end


async def remove_from_outbox(
    connection: Connection, after: int, up_to: int, mentions: Sequence[bytes]
) -> tuple[int, bool]:
    """Remove published facts with after < id <= up_to that have one of `mentions` in them; answers
    how many, and whether there are others that still wait to be published."""
    removed = await connection.fetchval(
        "WITH gone AS (DELETE FROM outbox WHERE id > $1 AND id <= $2"
        " AND published_at IS NOT NULL AND EXISTS ("
        "  SELECT FROM unnest($3::bytea[]) AS m WHERE position(m IN body) > 0)"
        " RETURNING 1) SELECT count(*) FROM gone",
        after,
        up_to,
        mentions,
    )
    waiting = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM outbox WHERE id > $1 AND id <= $2"
        " AND published_at IS NULL AND EXISTS ("
        "  SELECT FROM unnest($3::bytea[]) AS m WHERE position(m IN body) > 0))",
        after,
        up_to,
        mentions,
    )
    return int(removed), bool(waiting)

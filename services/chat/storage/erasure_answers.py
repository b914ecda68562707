"""What each service has said of an erasure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Answer:
    """`service` has erased a person: so much of what."""

    service: str
    erased_at: datetime
    erased: Mapping[str, int]


async def add(connection: Connection, erasure_id: UUID, answer: Answer) -> None:
    """Note an answer; the first counts."""
    await connection.execute(
        "INSERT INTO erasure_answers (erasure_id, service, erased_at, erased)"
        " VALUES ($1, $2, $3, $4::jsonb) ON CONFLICT DO NOTHING",
        erasure_id,
        answer.service,
        answer.erased_at,
        json.dumps(answer.erased),
    )


async def of(connection: Connection, erasure_id: UUID) -> list[Answer]:
    """The answers so far, in the order in which they were given."""
    rows = await connection.fetch(
        "SELECT service, erased_at, erased::text FROM erasure_answers WHERE erasure_id = $1"
        " ORDER BY erased_at, service",
        erasure_id,
    )
    return [Answer(row["service"], row["erased_at"], json.loads(row["erased"])) for row in rows]

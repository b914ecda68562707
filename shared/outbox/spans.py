"""What a trace shows of the outbox: how long a fact waited, and how long the broker took."""

from collections.abc import Sequence

import asyncpg

from shared import telemetry
from shared.events.envelope import traceparent_in


def record_published(rows: Sequence[asyncpg.Record], began: float, ended: float) -> None:
    """`rows` of the outbox were published from `began` to `ended`, in epoch seconds."""
    for row in rows:
        parent = traceparent_in(row["body"])
        attributes: dict[str, telemetry.Value] = {
            "messaging.message.id": str(row["event_id"]),
            "batch": len(rows),
        }
        telemetry.record_span(
            f"wait in the outbox {row['type']}",
            parent,
            began - max(0.0, row["age"]),
            began,
            attributes=attributes,
        )
        telemetry.record_span(
            f"publish {row['type']}",
            parent,
            began,
            ended,
            kind="producer",
            attributes={"messaging.system": "rabbitmq", **attributes},
        )

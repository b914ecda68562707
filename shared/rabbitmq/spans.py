"""What a trace shows of a consumer: from when a batch was taken until it was handled."""

from collections.abc import Sequence

from shared import telemetry
from shared.events.envelope import Event


def record_handled(queue: str, events: Sequence[Event], began: float, ended: float) -> None:
    """`events` came from `queue` and were handled from `began` to `ended`, in epoch seconds."""
    for event in events:
        telemetry.record_span(
            f"handle {event.type}",
            event.traceparent,
            began,
            ended,
            kind="consumer",
            attributes={
                "messaging.system": "rabbitmq",
                "messaging.destination.name": queue,
                "messaging.message.id": str(event.id),
                "batch": len(events),
            },
        )

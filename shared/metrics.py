"""Counters and gauges of this process, in the one registry that `/metrics` serves."""

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_PUBLISHED = Counter("circles_outbox_published_total", "Events confirmed by the broker")
OUTBOX_FAILED = Counter("circles_outbox_failed_total", "Publishes refused, returned or timed out")
OUTBOX_OLDEST = Gauge("circles_outbox_oldest_seconds", "Age of the oldest unpublished event")
EVENTS_HANDLED = Counter("circles_events_handled_total", "Events handled and acknowledged")
EVENTS_PARKED = Counter("circles_events_parked_total", "Events parked with their reason")
BATCH_SIZE = Histogram(
    "circles_events_batch_size", "Events handled per batch", buckets=(1, 2, 5, 10, 50, 200, 1000)
)

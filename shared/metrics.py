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
LOOP_LAG = Histogram(
    "circles_loop_lag_seconds",
    "How late the event loop does what is due",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.05, 0.1, 0.25, 1.0),
)
RETENTION_REMOVED = Counter(
    "circles_retention_removed_total", "Rows removed for their age, by what they were", ["what"]
)
RETENTION_FINISHED = Gauge(
    "circles_retention_finished_seconds",
    "When a sweep of this replica last removed all that was due (epoch seconds)",
    ["what"],
)
ERASURES = Counter("circles_erasures_total", "People erased by this replica")

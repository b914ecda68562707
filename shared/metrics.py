"""Counters and gauges of this process, in the one registry that `/metrics` serves.

Here are those that several services have; what only one has is in its own `metrics.py`. Labels name
queues, routes and outcomes: never a person, a group or anything else of which there is no end.
"""

import time

from prometheus_client import Counter, Gauge, Histogram


class Age:
    """A gauge of how long something has been waiting, in seconds: reckoned when somebody looks, so
    that it grows also while whoever would set it stands still. 0 when nothing waits."""

    def __init__(self, name: str, documentation: str) -> None:
        self._since: float | None = None
        self._seen = self._holds_until = 0.0
        Gauge(name, documentation).set_function(self.seconds)

    def begin(self, seconds_ago: float = 0.0, holds: float = 0.0) -> None:
        """It has been waiting for `seconds_ago`. For `holds` seconds that is said as it is: until
        the next look nobody knows whether it still waits, and most of what is seen waits for
        milliseconds."""
        now = time.monotonic()
        self._since = now - max(0.0, seconds_ago)
        self._holds_until = now + holds
        self._seen = now

    def end(self) -> None:
        """Nothing waits any more."""
        self._since = None

    def seconds(self) -> float:
        if self._since is None:
            return 0.0
        now = time.monotonic()
        return max(0.0, (self._seen if now < self._holds_until else now) - self._since)


OUTBOX_PUBLISHED = Counter("circles_outbox_published_total", "Events confirmed by the broker")
OUTBOX_FAILED = Counter("circles_outbox_failed_total", "Publishes refused, returned or timed out")
OUTBOX_OLDEST = Age("circles_outbox_oldest_seconds", "Age of the oldest unpublished event")

EVENTS_HANDLED = Counter("circles_events_handled_total", "Events handled and acknowledged")
EVENTS_PARKED = Counter("circles_events_parked_total", "Events parked with their reason")
BATCH_SIZE = Histogram(
    "circles_events_batch_size", "Events handled per batch", buckets=(1, 2, 5, 10, 50, 200, 1000)
)
QUEUE_DEPTH = Gauge(
    "circles_queue_depth",
    "Events that wait in the service's queue, and those taken by this replica and not handled yet",
)
BATCH_IN_HAND = Age(
    "circles_batch_in_hand_seconds",
    "How long this replica has been at the batch of events that it handles now",
)
PARKED = Gauge("circles_parked_events", "Events that lie in the service's parked queue")

PART_READY = Gauge(
    "circles_part_ready", "1 while this part of the replica works, 0 while it doesn't", ["part"]
)
HTTP_REQUESTS = Histogram(
    "circles_http_request_seconds",
    "Requests answered, by how long that took; streams and polls aside, which last by intent",
    ["route", "method", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
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

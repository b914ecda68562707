"""What only the notifier counts. No label names a person."""

from prometheus_client import Counter, Gauge, Histogram

ENTRIES_STORED = Counter(
    "circles_entries_stored_total", "Entries put into mailboxes, by type of notification", ["type"]
)
OPEN_STREAMS = Gauge("circles_open_streams", "Streams and polls that are open here", ["kind"])
STREAM_OPENINGS = Counter(
    "circles_stream_openings_total",
    "Streams and polls opened: fresh (without a cursor), resumed, or reset, and then why",
    ["kind", "outcome", "reason"],
)
STREAM_ENDINGS = Counter(
    "circles_stream_endings_total",
    "Streams ended, by why: left (the client), slow (a reader cut off), expired, drained, closed",
    ["reason"],
)
PUSH_LATENCY = Histogram(
    "circles_push_latency_seconds",
    "From the commit of an entry to its frame on the way; one sample at a time. `stored`: by this "
    "replica (here), or by another that told it (elsewhere)",
    ["stored"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
MAILBOXES_CHECKED = Counter(
    "circles_mailboxes_checked_total", "Mailboxes whose counters were compared with their entries"
)
UNREAD_DRIFT = Gauge(
    "circles_unread_drift_mailboxes",
    "Mailboxes of the last sample whose counters differ from what their entries say",
)

for _kind in ("stream", "poll"):
    # There from the start: a graph of what has not happened yet shows 0.
    OPEN_STREAMS.labels(_kind)

"""What only the notifier counts. No label names a person."""

from prometheus_client import Gauge

OPEN_STREAMS = Gauge("circles_open_streams", "Streams and polls that are open here", ["kind"])

for _kind in ("stream", "poll"):
    # There from the start: a graph of what has not happened yet shows 0.
    OPEN_STREAMS.labels(_kind)

"""What only chat counts."""

from prometheus_client import Gauge, Histogram

MEMBERSHIP_LAG = Gauge(
    "circles_membership_lag_seconds", "How far chat's copy of the memberships is behind groups"
)
MEMBERSHIP_APPLIED = Histogram(
    "circles_membership_applied_seconds",
    "From a fact of groups until it was applied as it came by the broker; before that, groups "
    "has usually told chat over HTTP",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0),
)

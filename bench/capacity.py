"""How many machines so many people need, from what the last whole benchmark measured:
`make capacity`. The page `docs/scaling.md` holds its tables."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.marked import RESULTS, Part
from bench.section import Cell
from bench.table import markdown
from launcher.paths import ROOT

PAGE = ROOT / "docs" / "scaling.md"
PART = Part("<!-- capacity: made by `make capacity` -->", "<!-- end of capacity -->")

# What is planned for. People online, messages that each of them sends in an hour at the busiest
# time, how these spread over group sizes, streams for each person, and how often a stream comes
# back in an hour: phones change networks, and deploys are few.
ONLINE = (10_000, 1_000_000, 10_000_000)
MESSAGES_PER_HOUR = 10.0
GROUP_SIZES: Mapping[int, float] = {2: 0.6, 10: 0.25, 50: 0.12, 500: 0.03}
STREAMS_EACH = 1.2
RECONNECTS_PER_HOUR = 6.0
# A core is planned for at most this much of its time, so that a herd or a dead neighbour fits in.
BUSY = 0.5
# Of one notifier: more streams than this would all come back at once when it dies.
STREAMS_PER_NOTIFIER = 20_000
# Of a machine for PostgreSQL or RabbitMQ.
CORES_OF_A_SERVER = 16
# What a stream takes of the gateway: `crowd-returns` of the faults saw 1,425 MB for 9,500.
GATEWAY_KB = 150.0
STREAMS_PER_GATEWAY = 50_000
_PARTS = ("chat", "groups", "notifier", "gateway", "postgres", "rabbitmq")


@dataclass(frozen=True)
class Costs:
    """CPU seconds: of a message in itself and for each recipient, by part; of a stream that comes
    back. Rates a second: what one consumer stores, and one relay publishes. `stream_kb` is the
    memory of an idle stream."""

    message: Mapping[str, float]
    recipient: Mapping[str, float]
    reconnect: float
    stored: float
    relayed: float
    stream_kb: float

    @classmethod
    def of(cls, results: Mapping[str, Any]) -> "Costs":
        """From the results of a whole run. Raises KeyError where a workload is missing."""
        rows = {w["name"]: w["rows"] for w in results["workloads"]}
        small, large = _cost(rows["durable"], 2), _cost(rows["durable"], 1000)
        recipient = {part: max(0.0, large[part] - small[part]) / 998 for part in _PARTS}
        message = {part: max(0.0, small[part] - recipient[part]) for part in _PARTS}
        consumer = {row[0]: row for row in rows["stages"]}
        return cls(
            message,
            recipient,
            _resumed(rows["resume"]),
            stored=float(consumer[100][5]),
            relayed=float(consumer[2][2]),
            stream_kb=float(_row_of(rows["connections"], ["Circles hub"])[2]),
        )


def _row_of(rows: Sequence[Sequence[Any]], first: Sequence[Cell]) -> Sequence[Any]:
    """The row that begins so. Raises KeyError."""
    for row in rows:
        if list(row[: len(first)]) == list(first):
            return row
    raise KeyError(f"no figures of {first}")


def _cost(rows: Sequence[Sequence[Any]], size: int) -> dict[str, float]:
    """CPU seconds of a message to a group of `size` at four fifths of the highest rate, by part."""
    row = _row_of(rows, [size, "80 %", "Circles"])
    shares = {name: int(share) / 100 for name, share in re.findall(r"(\w+) (\d+)", row[11])}
    return {part: row[9] / 1e3 * shares.get(part, 0.0) for part in _PARTS}


def _resumed(rows: Sequence[Sequence[Any]]) -> float:
    """CPU seconds of a client that comes back and missed ten messages."""
    missed = {row[1]: row for row in rows}
    return float(missed[10][7]) / 1e6


@dataclass(frozen=True)
class Plan:
    """What `online` people need."""

    online: int
    messages: float
    notifications: float
    streams: float
    cores: Mapping[str, float]
    consumers: int
    relays: int
    notifiers: int
    memory_gb: float


def plan(costs: Costs, online: int) -> Plan:
    messages = online * MESSAGES_PER_HOUR / 3600
    recipients = sum(share * (size - 1) for size, share in GROUP_SIZES.items())
    streams = online * STREAMS_EACH
    reconnects = streams * RECONNECTS_PER_HOUR / 3600
    cores = {
        part: messages * (costs.message[part] + recipients * costs.recipient[part]) / BUSY
        for part in _PARTS
    }
    # What a reconnect costs is measured for gateway, notifier and PostgreSQL together.
    cores["notifier"] += reconnects * costs.reconnect / BUSY
    return Plan(
        *(online, messages, messages * recipients, streams, cores),
        consumers=math.ceil(messages * recipients / (costs.stored * BUSY)),
        relays=math.ceil(messages / (costs.relayed * BUSY)),
        notifiers=max(math.ceil(streams / STREAMS_PER_NOTIFIER), math.ceil(cores["notifier"])),
        memory_gb=streams * costs.stream_kb / 2**20,
    )


def tables(results: Mapping[str, Any]) -> str:
    """The unit costs, and the plans made from them."""
    costs = Costs.of(results)
    unit: list[list[Cell]] = [
        [part, round(costs.message[part] * 1e6), round(costs.recipient[part] * 1e6, 1)]
        for part in _PARTS
    ]
    columns = ("part", "CPU µs per message", "CPU µs per recipient")
    plans = [plan(costs, online) for online in ONLINE]
    rows: list[list[Cell]] = [
        ["messages/s", *(round(p.messages) for p in plans)],
        ["notifications/s", *(round(p.notifications) for p in plans)],
        ["streams", *(round(p.streams) for p in plans)],
        *(_row(f"cores: {part}", [_cores(p.cores[part]) for p in plans]) for part in _PARTS),
        *(
            _row(f"{part} replicas", [max(2, math.ceil(p.cores[part])) for p in plans])
            for part in ("chat", "groups")
        ),
        ["gateway replicas", *(_gateways(p) for p in plans)],
        ["notifier replicas", *(max(2, p.notifiers) for p in plans)],
        ["nodes of the broker", *(_broker_nodes(p) for p in plans)],
        ["machines for PostgreSQL, with a standby each", *(_databases(p) for p in plans)],
        ["memory of the streams in notifiers, GB", *(round(p.memory_gb, 1) for p in plans)],
        ["in gateways, GB", *(round(p.streams * GATEWAY_KB / 2**20, 1) for p in plans)],
        ["partitions of the notifier's queue", *(p.consumers for p in plans)],
        ["partitions of chat's outbox", *(p.relays for p in plans)],
    ]
    return "\n\n".join(
        (
            markdown(columns, unit),
            markdown(("people online", *(f"{p.online:,}" for p in plans)), rows),
        )
    )


def _gateways(plan_: Plan) -> int:
    return max(2, math.ceil(plan_.cores["gateway"]), math.ceil(plan_.streams / STREAMS_PER_GATEWAY))


def _broker_nodes(plan_: Plan) -> int:
    """Three hold each other's queues: more cores than theirs are more clusters."""
    return 3 * max(1, math.ceil(plan_.cores["rabbitmq"] / CORES_OF_A_SERVER))


def _databases(plan_: Plan) -> int:
    """The three databases share a machine while it has the cores; then each has its own, and then
    groups or mailboxes are divided."""
    return 2 * math.ceil(plan_.cores["postgres"] / CORES_OF_A_SERVER)


def _row(name: str, values: Sequence[Cell]) -> list[Cell]:
    return [name, *values]


def _cores(value: float) -> float:
    return round(value, 1) if value < 10 else float(round(value))


def write_plan() -> str:
    """The tables, which the page has now too. Raises KeyError where the last whole run had no
    figures for a workload, and ValueError for a page that has lost its marks."""
    made = tables(json.loads(RESULTS.read_text()))
    PAGE.write_text(PART.updated(PAGE.read_text(), made))
    return made


if __name__ == "__main__":
    print(write_plan())

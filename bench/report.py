"""Figures as a table for people and as JSON for programs."""

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks" / "first-figures"

_COLUMNS = (
    "workload",
    "messages/s",
    "notifications/s",
    "POST → frame p50, ms",
    "p99, ms",
    "answer p50, ms",
    "lost",
    "gaps",
    "refused",
    "load",
)

_PAGE = """# First figures

{machine}. Load generator, PostgreSQL (fsync on), RabbitMQ, gateway and services share the machine;
calls and streams go through the gateway, receipts are on. Compare ratios, not figures of different
days: `make bench` measures again.

{table}

{memory} of memory in the notifier for each of {streams} idle streams.
"""


@dataclass(frozen=True)
class Figures:
    """One workload. Times are in milliseconds, rates per second."""

    name: str
    messages_per_second: float
    notifications_per_second: float
    post_to_frame_p50: float
    post_to_frame_p99: float
    answer_p50: float
    lost: int
    gaps: int
    refused: int
    load: float

    @property
    def is_void(self) -> bool:
        return bool(self.lost or self.gaps or self.refused)


def write_report(
    console: Console, figures: Sequence[Figures], bytes_per_stream: float, streams: int
) -> None:
    """Print the figures, and write them beside the docs."""
    table = Table(*_COLUMNS, title="First figures, through the gateway, receipts on")
    rows = [[str(value) for value in asdict(row).values()] for row in figures]
    for row in rows:
        table.add_row(*row)
    memory = f"{bytes_per_stream / 1024:.1f} KB"
    console.print(table)
    console.print(f"{memory} for each of {streams} idle streams")
    python = sys.version.split()[0]
    machine = f"{os.cpu_count()} cores, Python {python}, {time.strftime('%Y-%m-%d')}"
    lines = [_COLUMNS, ["---"] * len(_COLUMNS), *rows]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.with_suffix(".md").write_text(
        _PAGE.format(
            machine=machine,
            table="\n".join(f"| {' | '.join(line)} |" for line in lines),
            memory=memory,
            streams=streams,
        )
    )
    data = {
        "machine": machine,
        "workloads": [asdict(row) for row in figures],
        "bytes_per_idle_stream": round(bytes_per_stream),
        "idle_streams": streams,
    }
    REPORT.with_suffix(".json").write_text(json.dumps(data, indent=2) + "\n")

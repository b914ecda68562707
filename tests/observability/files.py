"""What operators are given: rules and dashboard, and the names of the metrics in them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from launcher.paths import ROOT

FOLDER = ROOT / "observability"
RULES = FOLDER / "rules.yml"
DASHBOARD = FOLDER / "grafana" / "dashboards" / "circles.json"
RUNBOOK = ROOT / "docs" / "runbook.md"

# Prometheus' own: whether it reached a target.
OF_PROMETHEUS = frozenset({"up"})
_NAME = re.compile(r"\b(circles_[a-z_]+|up)\b(?=[\s{\[)]|$)")
_PARTS_OF_HISTOGRAMS = re.compile(r"_(bucket|count|sum)$")


@dataclass(frozen=True)
class Panel:
    title: str
    expressions: tuple[str, ...]


def panels() -> list[Panel]:
    """The dashboard's, in its order."""
    dashboard = json.loads(DASHBOARD.read_text())
    return [
        Panel(panel["title"], tuple(target["expr"] for target in panel["targets"]))
        for panel in dashboard["panels"]
    ]


def expressions() -> Iterator[str]:
    """Every expression of the dashboard and of the rules."""
    for panel in panels():
        yield from panel.expressions
    # Whatever stands after `expr:`, on its line or indented below it.
    for found in re.finditer(r"^ +expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)", RULES.read_text(), re.M):
        yield found[1] or found[2]


def at_intervals(expression: str, interval: str) -> str:
    """With what Grafana would put in for its own variable."""
    return expression.replace("$__rate_interval", interval)


def metrics_in(expression: str) -> set[str]:
    """The names that a service's /metrics declares, of those that the expression asks for."""
    names = _NAME.findall(re.sub(r"\{[^}]*\}", "{}", expression))
    return {_PARTS_OF_HISTOGRAMS.sub("", name) for name in names}


def alerts() -> dict[str, str]:
    """Where each alert sends whoever it wakes."""
    found = re.findall(r"- alert: (\w+)\n(?:.*\n)*?.*runbook_url: (\S+)\n", RULES.read_text())
    return dict(found)

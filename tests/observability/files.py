"""What operators are given: rules and dashboard, and the names of the metrics in them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    description: str
    unit: str
    # Expression and legend of each curve.
    targets: tuple[tuple[str, str], ...]


def panels() -> list[Panel]:
    """The dashboard's, in its order."""
    dashboard = json.loads(DASHBOARD.read_text())
    return [_panel(each) for each in dashboard["panels"]]


def _panel(said: dict[str, Any]) -> Panel:
    return Panel(
        said["title"],
        said["description"],
        said["fieldConfig"]["defaults"]["unit"],
        tuple((target["expr"], target["legendFormat"]) for target in said["targets"]),
    )


def expressions() -> Iterator[str]:
    """Every expression of the dashboard and of the rules."""
    for panel in panels():
        for expression, _ in panel.targets:
            yield expression
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

"""Operators are woken for what is wrong, see what they ask for, and find what to do."""

import json
import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from launcher import prometheus
from launcher.credentials import SERVICES
from launcher.paths import ROOT
from tests.observability.files import (
    FOLDER,
    OF_PROMETHEUS,
    RULES,
    RUNBOOK,
    alerts,
    at_intervals,
    expressions,
    metrics_in,
    panels,
)


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = prometheus.find()
    if program is None:
        pytest.skip(prometheus.MISSING)
    return subprocess.run(
        [program, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def served() -> set[str]:
    """The names of everything that the services' /metrics may show."""
    for service in SERVICES:
        import_module(f"services.{service}.app")
    return {_exposed(family.name, family.type) for family in REGISTRY.collect()}


def _exposed(name: str, kind: str) -> str:
    return f"{name}_total" if kind == "counter" else name


def test_the_rules_can_be_read() -> None:
    done = promtool("check", "rules", RULES.name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_asks_what_prometheus_understands(tmp_path: Path) -> None:
    # As rules, which promtool reads the expressions of; JSON is YAML too.
    asked = [expression for panel in panels() for expression in panel.expressions]
    rules = [
        {"record": f"panel:{number}", "expr": at_intervals(expression, "1m")}
        for number, expression in enumerate(asked)
    ]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "d", "rules": rules}]}))
    done = promtool("check", "rules", str(tmp_path / "panels.yml"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(asked)} rules found" in done.stdout


def test_each_alert_fires_when_it_should_and_keeps_quiet_else() -> None:
    done = promtool("test", "rules", "rules_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_has_a_test_in_which_it_fires() -> None:
    tests = (FOLDER / "rules_test.yml").read_text()
    fired = set(re.findall(r"alertname: (\w+)\n +exp_alerts:\n", tests))
    assert fired == alerts().keys()


def test_whoever_is_woken_finds_what_to_do() -> None:
    written = {title.lower() for title in re.findall(r"^### (\w+)$", RUNBOOK.read_text(), re.M)}
    found = alerts()
    assert len(found) == RULES.read_text().count("- alert:")
    for alert, url in found.items():
        page, _, anchor = url.partition("#")
        assert (ROOT / page) == RUNBOOK
        assert anchor == alert.lower()
        assert anchor in written, alert


def test_alerts_and_dashboard_ask_only_for_what_services_show(served: set[str]) -> None:
    asked = {name for expression in expressions() for name in metrics_in(expression)}
    assert asked - served == OF_PROMETHEUS
    # As many as there are: none was overlooked in how the files are written.
    assert len(asked) > 15


def test_everything_that_the_promises_are_measured_by_is_on_the_dashboard(
    served: set[str],
) -> None:
    shown = {
        name
        for panel in panels()
        for expression in panel.expressions
        for name in metrics_in(expression)
    }
    ours = {name for name in served if name.startswith("circles_")}
    # Of these the dashboard's others say enough.
    left_out = {
        "circles_outbox_failed_total",
        "circles_events_parked_total",
        "circles_events_batch_size",
        "circles_mailboxes_checked_total",
        "circles_erasures_total",
    }
    assert ours - shown == left_out


def test_the_page_names_every_metric(served: set[str]) -> None:
    page = (ROOT / "docs" / "observability.md").read_text()
    assert set(re.findall(r"circles_[a-z_]+", page)) == {
        name for name in served if name.startswith("circles_")
    }


def test_the_page_says_what_drew_the_dashboard() -> None:
    page = (ROOT / "docs" / "observability.md").read_text()
    package = ROOT / "tests" / "observability" / "page" / "package.json"
    versions = json.loads(package.read_text())["dependencies"]
    for name in ("@grafana/scenes", "@grafana/ui"):
        assert f"{name} {versions[name]}" in page


def test_no_label_names_a_person(served: set[str]) -> None:
    labels = {
        label
        for family in REGISTRY.collect()
        if family.name.startswith("circles_")
        for sample in family.samples
        for label in sample.labels
    }
    of_calls = {"route", "method", "status"}
    allowed = of_calls | {"part", "type", "kind", "outcome", "reason", "stored", "what"}
    assert labels <= allowed | {"le"}


def test_prometheus_finds_every_service_and_the_rules() -> None:
    configuration = (FOLDER / "prometheus.yml").read_text()
    compose = (ROOT / "docker-compose.yml").read_text()
    assert re.findall(r"job_name: (\w+)", configuration) == list(SERVICES)
    # A service that nobody finds any more has no series that could be 0.
    assert re.findall(r'absent\(up\{job="(\w+)"\}\)', RULES.read_text()) == list(SERVICES)
    for path in re.findall(r"^ +- \./(observability/\S+?):", compose, re.M):
        assert (ROOT / path).exists()
    assert "./observability/rules.yml:/etc/prometheus/rules.yml" in compose
    assert "rule_files: [/etc/prometheus/rules.yml]" in configuration

"""Prometheus is fetched for those tests only that need it."""

import pytest

from launcher import prometheus


@pytest.mark.parametrize(
    "arguments", [(), ("tests",), ("tests/observability/pictures.py",), ("tests/observability",)]
)
def test_a_run_with_tests_of_the_alerts_needs_promtool(arguments: tuple[str, ...]) -> None:
    assert prometheus.is_needed(arguments)


@pytest.mark.parametrize(
    "arguments", [("tests/unit", "-q"), ("tests/scenarios",), ("--ignore=tests/observability",)]
)
def test_other_runs_install_nothing(arguments: tuple[str, ...]) -> None:
    assert not prometheus.is_needed(arguments)

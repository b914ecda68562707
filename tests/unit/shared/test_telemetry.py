"""Spans are an extra: services run without the packages they take, and say so when asked for."""

import subprocess
import sys

import pytest

from shared import telemetry
from tests.fixtures.spans import Spans

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

_WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
import services.groups.app, services.chat.app, services.notifier.app
from shared import telemetry
from shared.logs import set_up_logs
set_up_logs("tests", "info")
telemetry.set_up("tests")
assert not telemetry.is_on()
with telemetry.span("a span", None) as span:
    assert len(span.traceparent) == 55
"""


@pytest.mark.parametrize("asked", [{}, {"OTEL_TRACES_EXPORTER": "console"}])
def test_services_run_without_opentelemetry(asked: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], env=asked, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert ("circles[telemetry]" in done.stderr) == bool(asked)


def test_a_span_goes_on_from_its_parent_and_is_the_parent_of_what_follows(spans: Spans) -> None:
    with telemetry.span("outer", GIVEN, "server") as outer:
        telemetry.record_span("inner", outer.traceparent, 1.0, 2.0)
    inner, outside = spans.all()
    assert inner.context and outside.context and inner.parent and outside.parent
    assert f"{outside.parent.span_id:016x}" == "b7ad6b7169203331"
    assert inner.parent.span_id == outside.context.span_id
    assert (inner.start_time, inner.end_time) == (1_000_000_000, 2_000_000_000)


def test_what_the_caller_does_not_record_is_not_recorded(spans: Spans) -> None:
    with telemetry.span("quiet", GIVEN.removesuffix("01") + "00"):
        pass
    assert spans.all() == []


def test_a_span_tells_the_kind_of_an_error_and_none_of_its_words(spans: Spans) -> None:
    with pytest.raises(ValueError), telemetry.span("failing", GIVEN):
        raise ValueError("somebody's message")
    [failed] = spans.all()
    assert not failed.status.is_ok
    assert "somebody" not in failed.to_json()
    assert (failed.attributes or {})["error.type"] == "ValueError"

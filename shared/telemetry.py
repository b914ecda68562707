"""Spans, where somebody collects them: OpenTelemetry is an extra (`circles[telemetry]`).

Off unless OTEL_TRACES_EXPORTER or OTEL_EXPORTER_OTLP_ENDPOINT is set; then the SDK's own variables
apply (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). Spans
carry ids, counts and routes: never content, never a token, and of an error only its kind.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from shared.logs import get_logger
from shared.trace_context import is_sampled, new_traceparent, trace_id_of

if TYPE_CHECKING:
    from opentelemetry import trace as otel
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

log = get_logger(__name__)

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Value = str | int | float | bool

_NANOSECONDS = 1_000_000_000
_tracer: "otel.Tracer | None" = None


class Span:
    """A span that goes on: `traceparent` names it to whoever continues the trace."""

    __slots__ = ("_span", "traceparent")

    def __init__(self, traceparent: str, span: "otel.Span | None" = None) -> None:
        self.traceparent = traceparent
        self._span = span

    def note(self, name: str, value: Value) -> None:
        """Add an attribute that was not known at the start."""
        if self._span is not None:
            self._span.set_attribute(name, value)


def set_up(service: str) -> None:
    """Collect this process's spans, if the environment asks for it. Without the packages that
    takes, it says so and goes on: nobody's messages wait for somebody's spans."""
    exporter = os.environ.get("OTEL_TRACES_EXPORTER") or (
        "otlp" if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") else "none"
    )
    if exporter == "none":
        return
    try:
        use(_provider(service, exporter))
    except ImportError as error:
        log.warning(
            "no traces: OpenTelemetry is not installed. Install circles[telemetry], or leave "
            "OTEL_TRACES_EXPORTER and OTEL_EXPORTER_OTLP_ENDPOINT out",
            missing=error.name,
        )


def _provider(service: str, exporter: str) -> "TracerProvider":
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import (
        BatchSpanProcessor,
        ConsoleSpanExporter,
        SpanExporter,
    )

    chosen: SpanExporter
    if exporter == "console":
        # One line for each span, into the service's log.
        chosen = ConsoleSpanExporter(formatter=lambda span: span.to_json(indent=None) + "\n")
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        chosen = OTLPSpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": f"circles-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(chosen))
    return provider


def use(provider: "TracerProvider | None") -> None:
    """Give spans to `provider`, or to nobody."""
    global _tracer
    _tracer = provider.get_tracer("circles") if provider is not None else None


def is_on() -> bool:
    """Whether spans go anywhere: what exists for them alone can be left out if not."""
    return _tracer is not None


@contextmanager
def span(
    name: str,
    parent: str | None,
    kind: Kind = "internal",
    attributes: Mapping[str, Value] | None = None,
) -> Iterator[Span]:
    """A span of the block, a child of the traceparent `parent`, or the beginning of a trace.

    Where nobody collects spans, the parent's traceparent goes on as it is.
    """
    if _tracer is None:
        yield Span(parent or new_traceparent())
        return
    from opentelemetry.trace import Status, StatusCode

    started = _tracer.start_span(
        name, _context(parent), _kind(kind), attributes, record_exception=False
    )
    try:
        yield Span(_traceparent(started), started)
    except Exception as error:
        started.set_attribute("error.type", type(error).__name__)
        started.set_status(Status(StatusCode.ERROR))
        raise
    finally:
        started.end()


def record_span(
    name: str,
    parent: str | None,
    began: float,
    ended: float | None = None,
    *,
    kind: Kind = "internal",
    attributes: Mapping[str, Value] | None = None,
) -> None:
    """A span of what has happened already; times are in epoch seconds, `ended` is now unless
    given. Nothing for events without a trace, and where nobody collects spans."""
    if _tracer is None or parent is None:
        return
    done = _tracer.start_span(
        name,
        _context(parent),
        _kind(kind),
        attributes,
        start_time=int(began * _NANOSECONDS),
        record_exception=False,
    )
    done.end(int((time.time() if ended is None else ended) * _NANOSECONDS))


def _context(parent: str | None) -> "Context":
    """Empty without a parent: this project keeps its own context, and the SDK's stays unused."""
    from opentelemetry import trace
    from opentelemetry.context import Context

    if parent is None:
        return Context()
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED if is_sampled(parent) else 0)
    remote = trace.SpanContext(
        int(trace_id_of(parent), 16), int(parent[36:52], 16), is_remote=True, trace_flags=flags
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(remote), Context())


def _kind(kind: Kind) -> "otel.SpanKind":
    from opentelemetry.trace import SpanKind

    return SpanKind[kind.upper()]


def _traceparent(started: "otel.Span") -> str:
    context = started.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

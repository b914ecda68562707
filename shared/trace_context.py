"""Which trace something belongs to: W3C trace context, version 00.

https://www.w3.org/TR/trace-context/ A traceparent travels as text: from the caller's header into
the facts that the call gives rise to, and into the log lines of whoever handles them. It costs
nothing to carry, so it is carried whether or not anybody collects spans (`shared.telemetry`).
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_HEADER = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16
_UNUSABLE_VERSION = "ff"
_SAMPLED = 1

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def parsed(header: str | None) -> str | None:
    """The traceparent that a caller sent, in version 00; None when there is none that can be used.

    Later versions begin with the same fields and may go on; 00 itself may not.
    """
    found = _HEADER.fullmatch(header or "")
    if found is None:
        return None
    version, trace, span, flags, more = found.groups()
    if version == _UNUSABLE_VERSION or trace == _NO_TRACE or span == _NO_SPAN:
        return None
    if more and version == "00":
        return None
    return f"00-{trace}-{span}-{flags}"


def new_traceparent() -> str:
    """The beginning of a trace that nobody has asked to record."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def trace_id_of(traceparent: str) -> str:
    """The trace's id: 32 hexadecimal digits."""
    return traceparent[3:35]


def is_sampled(traceparent: str) -> bool:
    """Whether the caller has decided that this trace is recorded."""
    return bool(int(traceparent[53:55], 16) & _SAMPLED)


def current() -> str | None:
    """The traceparent of the call or event that is being handled; None where there is none, as in
    what runs for many callers together."""
    return _current.get()


@contextmanager
def within(traceparent: str | None) -> Iterator[None]:
    """What happens in the block belongs to this trace."""
    token = _current.set(traceparent)
    try:
        yield
    finally:
        _current.reset(token)

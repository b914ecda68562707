"""CloudEvents 1.0 in structured JSON: how a fact travels.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from pydantic_core import to_json

from shared.events.fact import Fact
from shared.events.registry import FACTS
from shared.ids import uuid7
from shared.trace_context import parsed

F = TypeVar("F", bound=Fact)

CONTENT_TYPE = "application/cloudevents+json"
# Where `encode` puts it: before anything that a person wrote.
_TRACEPARENT = re.compile(rb'"traceparent":"([0-9a-f-]{55})","data":')
_HEAD_BYTES = 600


class UnknownFact(Exception):
    """The type is not in the registry: a newer producer, or not ours."""


class Undecodable(Exception):
    """The bytes are not a valid envelope, or its data breaks the contract of its type."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact in its envelope. `id` stays the same on every redelivery and replay: it is the key
    for deduplication."""

    id: UUID
    type: str
    time: datetime
    fact: Fact
    traceparent: str | None = None

    @property
    def source(self) -> str:
        return "circles/" + self.type.partition(".")[0]


class _Head(BaseModel):
    """Enough of an envelope to know whose contract its data must keep."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"]
    type: str


class _Envelope(_Head, Generic[F]):
    id: UUID
    source: str
    time: AwareDatetime
    traceparent: str | None = None
    data: F


_ENVELOPES: Mapping[str, type[_Envelope[Fact]]] = {
    type_: _Envelope[fact]  # type: ignore[valid-type]
    for type_, fact in FACTS.items()
}


def new_event(fact: Fact, traceparent: str | None = None) -> Event:
    """Wrap `fact` in a new envelope, dated now."""
    return Event(uuid7(), fact.TYPE, datetime.now(UTC), fact, traceparent)


def encode(event: Event) -> bytes:
    """The envelope as JSON; attributes without a value are left out, as CloudEvents asks."""
    envelope: dict[str, object] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": event.time,
        "datacontenttype": "application/json",
    }
    if event.fact.subject is not None:
        envelope["subject"] = event.fact.subject
    if event.traceparent is not None:
        envelope["traceparent"] = event.traceparent
    envelope["data"] = event.fact
    return to_json(envelope, by_alias=True)


def traceparent_in(body: bytes) -> str | None:
    """The traceparent of an encoded event, without decoding it."""
    found = _TRACEPARENT.search(body, 0, _HEAD_BYTES)
    return found[1].decode() if found else None


def decode(body: bytes) -> Event:
    """Read an envelope and its fact.

    Raises Undecodable when the bytes break the contract, UnknownFact when the type is not known.
    """
    try:
        head = _Head.model_validate_json(body, strict=True)
    except ValueError as error:
        raise Undecodable(f"not a valid CloudEvents envelope: {_short(error)}") from error
    envelope_class = _ENVELOPES.get(head.type)
    if envelope_class is None:
        raise UnknownFact(f"unknown event type {head.type!r}")
    try:
        # From the bytes again: the JSON validator never builds what the model does not keep.
        # Strict, or "7", 7.0 and true would pass for 7, which the published schema does not allow.
        envelope = envelope_class.model_validate_json(body, strict=True)
    except ValueError as error:
        raise Undecodable(f"{head.type} breaks its contract: {_short(error)}") from error
    # What is none is as good as none: it must not keep anybody from being told.
    traceparent = parsed(envelope.traceparent)
    return Event(envelope.id, envelope.type, envelope.time, envelope.data, traceparent)


def _short(error: ValueError) -> str:
    """The error without the input, which may hold people's messages, on one line that a header may
    hold: a single character of the input is in some of them, and can be a line's end."""
    if isinstance(error, ValidationError):
        words = "; ".join(
            ": ".join(filter(None, (".".join(map(str, e["loc"])), e["msg"])))
            for e in error.errors()[:5]
        )
    else:
        words = str(error).splitlines()[0][:200]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)
